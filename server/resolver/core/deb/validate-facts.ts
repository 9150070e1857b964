import { compareVersions } from '../../../../proto/version.ts';
import type { RelationKind } from '../universe.ts';
import type { View } from '../view.ts';

/** One term of a relation: a name, an architecture or '', an operator or '', a version. */
export interface Term {
  nameId: number;
  arch: string;
  operator: string;
  version: string;
  text: string;
  /** Whether it hits a package, as far as it was worked out: that does not change. */
  hits: Map<number, boolean>;
}

/** What a package offers under a name. */
export interface Offer {
  arch: string;
  version: string;
  /** Provided: not the package's own name. */
  isProvided: boolean;
  /** Serves every architecture. */
  isForeign: boolean;
}

/** A package as its index describes it, read by the validator's own grammar. */
export interface Fact {
  id: number;
  name: string;
  nameId: number;
  version: string;
  /** `all` counts as the native architecture. */
  arch: string;
  multiArch: string;
  /** Names that it offers: its own first. */
  offers: readonly number[];
  needs: readonly (readonly Term[])[];
  /** By need: a package that served it in the last run, 0 for none. */
  witnesses: Int32Array;
  forbids: readonly Term[];
  /** The view counts it, so that it is among the clashes of others. */
  isCounted: boolean;
  /** Packages of the view of its name, or that it excludes: where none of them is there, it is in nobody's way. */
  clashes: Int32Array | null;
}

/** What the validator read of a view, and the tables of its runs. */
export interface FactBook {
  factOf(id: number): Fact;
  offersOf(fact: Fact, nameId: number): readonly Offer[];
  /** Packages of the view that have the name or provide it, but for the fact's own. */
  othersOf(fact: Fact, nameId: number): number[];
  /** Packages that are there, by id, and who offers a name, as of one run. */
  startRun(ids: readonly number[]): Run;
}

export interface Run {
  /** All of them are packages that the view counts. */
  isCounted: boolean;
  /** Whether one of the packages is there. */
  hasAny(ids: Int32Array): boolean;
  hasAll(ids: Int32Array): boolean;
  isPresent(id: number): boolean;
  /** The first place of the name's offers, -1 for none; then `next`, until -1. */
  first(nameId: number): number;
  next(place: number): number;
  at(place: number): number;
}

/** An empty book over a view. */
export function createFactBook(view: View): FactBook {
  const native = view.archs[0] ?? '';
  const facts = new Array<Fact | undefined>(view.count + 1).fill(undefined);
  const nameIds = new Map<string, number>();
  const names: string[] = [];
  const runs = createRuns(view.count + 1);
  const idOf = (name: string): number => {
    const known = nameIds.get(name);
    if (known !== undefined) return known;
    runs.addName();
    nameIds.set(name, names.length);
    return names.push(name) - 1;
  };
  const read = (id: number, kind: RelationKind): Term[][] =>
    readRelation(view.relation(id, kind), idOf, native, archOf(view, id, native));

  function make(id: number): Fact {
    const name = view.name(id);
    const needs = [...read(id, 'preDepends'), ...read(id, 'depends')];
    const provides = read(id, 'provides').flat();
    return {
      ...{ id, name, nameId: idOf(name), needs },
      version: view.version(id),
      arch: archOf(view, id, native),
      multiArch: view.universe(id).multiArch(view.index(id)),
      offers: [...new Set([idOf(name), ...provides.map(({ nameId }) => nameId)])],
      witnesses: new Int32Array(needs.length),
      forbids: [...read(id, 'conflicts'), ...read(id, 'breaks')].flat(),
      isCounted: view.named(name).includes(id),
      clashes: null,
    };
  }

  function factOf(id: number): Fact {
    let fact = facts[id];
    if (fact === undefined) {
      fact = make(id);
      facts[id] = fact;
    }
    return fact;
  }

  return {
    factOf,
    offersOf: (fact, nameId) => offersOf(view, fact, nameId, read(fact.id, 'provides').flat()),
    othersOf: ({ id }, nameId) => {
      const name = names[nameId] ?? '';
      return [...view.named(name), ...view.providers(name)].filter((other) => other !== id);
    },
    startRun: (ids) => runs.start(ids, factOf),
  };
}

/** Tables for runs, one after the other: marks carry the number of their run, so that nothing has to be cleared. */
function createRuns(size: number) {
  const present = new Int32Array(size);
  const heads: number[] = [];
  const stamps: number[] = [];
  const ids: number[] = [];
  const befores: number[] = [];
  let stamp = 0;
  const addName = (): void => {
    heads.push(-1);
    stamps.push(0);
  };
  const start = (given: readonly number[], factOf: (id: number) => Fact): Run => {
    stamp += 1;
    const own = stamp;
    let isCounted = true;
    let isListed = false;
    for (const id of given) {
      present[id] = own;
      if (!factOf(id).isCounted) isCounted = false;
    }
    const list = (): void => {
      let count = 0;
      isListed = true;
      for (const id of given)
        for (const name of factOf(id).offers) {
          befores[count] = stamps[name] === own ? (heads[name] as number) : -1;
          ids[count] = id;
          stamps[name] = own;
          heads[name] = count;
          count += 1;
        }
    };
    return {
      isCounted,
      hasAny(some) {
        for (let at = 0; at < some.length; at += 1)
          if (present[some[at] as number] === own) return true;
        return false;
      },
      hasAll(some) {
        for (let at = 0; at < some.length; at += 1)
          if (present[some[at] as number] !== own) return false;
        return true;
      },
      isPresent: (id) => present[id] === own,
      first(name) {
        if (!isListed) list();
        return stamps[name] === own ? (heads[name] as number) : -1;
      },
      next: (place) => befores[place] as number,
      at: (place) => ids[place] as number,
    };
  };
  return { addName, start };
}

function archOf(view: View, id: number, native: string): string {
  const arch = view.arch(id);
  return arch === 'all' ? native : arch;
}

function offersOf(view: View, fact: Fact, nameId: number, provides: readonly Term[]): Offer[] {
  const isForeign = fact.multiArch === 'foreign' && view.archs.includes(fact.arch);
  const own = { arch: fact.arch, version: fact.version, isProvided: false, isForeign };
  const provided = provides
    .filter((term) => term.nameId === nameId)
    .map(({ arch, version }) => ({
      arch: arch === '' ? fact.arch : arch,
      version,
      isProvided: true,
      isForeign: isForeign && arch === '',
    }));
  return nameId === fact.nameId ? [own, ...provided] : provided;
}

function readRelation(
  text: string,
  idOf: (name: string) => number,
  native: string,
  arch: string,
): Term[][] {
  return text
    .split(',')
    .map((part) =>
      part
        .split('|')
        .filter((one) => one.trim() !== '' && isFor(one, arch))
        .map((one) => readTerm(one, idOf, native)),
    )
    .filter((terms) => terms.length > 0);
}

/** `[amd64 !i386]`: the first that names the architecture decides. */
function isFor(text: string, arch: string): boolean {
  const list = /\[([^\]]*)\]/.exec(text)?.[1]?.trim().split(/\s+/);
  if (!list) return true;
  const own = list.find((word) => {
    const name = word.replace('!', '').replace(/^linux-/, '');
    return name === arch || name === 'any' || name === `any-${arch}`;
  });
  return own === undefined ? list.some((word) => word.startsWith('!')) : !own.startsWith('!');
}

function readTerm(text: string, idOf: (name: string) => number, native: string): Term {
  const open = text.indexOf('(');
  const named = (open < 0 ? text : text.slice(0, open)).replace(/[[<].*$/, '').trim();
  const inside = open < 0 ? '' : text.slice(open + 1, text.indexOf(')', open)).trim();
  const operator = /^[<>=]+/.exec(inside)?.[0] ?? '';
  const colon = named.indexOf(':');
  const arch = colon < 0 ? '' : named.slice(colon + 1);
  return {
    nameId: idOf(colon < 0 ? named : named.slice(0, colon)),
    arch: arch === 'native' ? native : arch,
    operator,
    version: inside.slice(operator.length).trim(),
    text: text.trim(),
    hits: new Map(),
  };
}

/** Policy 7.5: what is provided without a version meets no versioned relation. */
export function fits(actual: string, { operator, version }: Term): boolean {
  if (operator === '') return true;
  if (actual === '') return false;
  const difference = compareVersions(actual, version);
  if (operator === '=') return difference === 0;
  if (operator === '<<') return difference < 0;
  if (operator === '>>') return difference > 0;
  return operator.startsWith('<') ? difference <= 0 : difference >= 0;
}
