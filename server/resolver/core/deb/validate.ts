import { compareVersions } from '../../../../proto/version.ts';
import type { RelationKind } from '../universe.ts';
import type { View } from '../view.ts';

/** A fault of an answer, as a sentence; `id` is the package that lacks something or is in the way. */
export interface Fault {
  id: number;
  sentence: string;
}

/** One term of a relation: `name`, an architecture or '', an operator or '', a version, `amd64 !i386` in brackets. */
type Term = readonly [
  name: string,
  arch: string,
  operator: string,
  version: string,
  onlyFor: string,
];
type Relation = readonly (readonly Term[])[];

/** A package that will be there, as relations see it. */
interface Present {
  id: number;
  name: string;
  version: string;
  /** `all` counts as the native architecture. */
  arch: string;
  multiArch: string;
}

/** What is there under a name: packages, and packages that provide it, with the provided version. */
interface Offer {
  present: Present;
  version: string;
  /** Provided, not the package's own name. */
  isProvided: boolean;
  /** `any` is served by it; every architecture is. */
  isAllowed: boolean;
  isForeign: boolean;
}

/**
 * Checks that packages can be there together, by what their index says: Pre-Depends and Depends are met, no Conflicts or
 * Breaks hits, one version of a name and architecture, `Multi-Arch: same` in step. Written after Debian policy 7 and
 * dpkg's Multi-Arch rules, without a part of the solver, so that it finds the solver's mistakes.
 */
export function validateDeb(view: View, ids: readonly number[]): Fault[] {
  const native = view.archs[0] ?? '';
  const present = ids.map((id) => toPresent(view, id, native));
  const offers = offersOf(view, present, native);
  const faults: Fault[] = [];
  const add = (id: number, sentence: string): void => void faults.push({ id, sentence });
  checkSiblings(present, add);
  for (const one of present) {
    for (const kind of ['preDepends', 'depends'] as const)
      checkNeeds(view, one, kind, offers, native, add);
    for (const kind of ['conflicts', 'breaks'] as const)
      checkForbids(view, one, kind, offers, native, add);
  }
  return faults;
}

type Add = (id: number, sentence: string) => void;

function toPresent(view: View, id: number, native: string): Present {
  const arch = view.arch(id);
  return {
    id,
    name: view.name(id),
    version: view.version(id),
    arch: arch === 'all' ? native : arch,
    multiArch: view.universe(id).multiArch(view.index(id)),
  };
}

/** Reads a relation field anew, with its own grammar: text is kept apart from the solver's. */
function relationOf(view: View, id: number, kind: RelationKind): Relation {
  const key = view.relationKey(id, kind);
  if (key === 0) return [];
  const known = view.memo('validate.relations', () => new Map<number, Relation>());
  let relation = known.get(key);
  if (!relation) {
    relation = view
      .relation(id, kind)
      .split(',')
      .map((part) => part.split('|').map(toTerm))
      .filter((terms) => terms.some(([name]) => name !== ''));
    known.set(key, relation);
  }
  return relation;
}

function toTerm(written: string): Term {
  const bracket = written.indexOf('[');
  const text = bracket < 0 ? written : written.slice(0, bracket);
  const onlyFor = bracket < 0 ? '' : written.slice(bracket + 1, written.indexOf(']', bracket));
  const open = text.indexOf('(');
  const named = (open < 0 ? text : text.slice(0, open)).trim();
  const inside = open < 0 ? '' : text.slice(open + 1, text.indexOf(')', open)).trim();
  const operator = /^[<>=]+/.exec(inside)?.[0] ?? '';
  const colon = named.indexOf(':');
  const name = colon < 0 ? named : named.slice(0, colon);
  const arch = colon < 0 ? '' : named.slice(colon + 1);
  return [name, arch, operator, inside.slice(operator.length).trim(), onlyFor.trim()];
}

/** Policy 7.1: the first architecture named in brackets that fits says whether the term counts. */
function countsFor([, , , , onlyFor]: Term, arch: string): boolean {
  if (onlyFor === '') return true;
  const cpu = arch.slice(arch.indexOf('-') + 1);
  const os = arch.includes('-') ? arch.slice(0, arch.indexOf('-')) : 'linux';
  const fitting = [arch, 'any', `${os}-any`, `any-${cpu}`, `${os}-${cpu}`];
  for (const word of onlyFor.split(/\s+/)) {
    if (fitting.includes(word)) return true;
    if (word.startsWith('!') && fitting.includes(word.slice(1))) return false;
  }
  return onlyFor.includes('!');
}

function offersOf(
  view: View,
  present: readonly Present[],
  native: string,
): ReadonlyMap<string, readonly Offer[]> {
  const offers = new Map<string, Offer[]>();
  const add = (name: string, offer: Offer): void => {
    const list = offers.get(name);
    if (list) list.push(offer);
    else offers.set(name, [offer]);
  };
  for (const one of present) {
    const marks = {
      isAllowed: one.multiArch === 'allowed',
      isForeign: one.multiArch === 'foreign' && view.archs.includes(one.arch),
    };
    add(one.name, { present: one, version: one.version, isProvided: false, ...marks });
    for (const [name, arch, , version] of relationOf(view, one.id, 'provides').flat()) {
      const as = arch === '' ? one : { ...one, arch: arch === 'native' ? native : arch };
      add(name, {
        present: as,
        version,
        isProvided: true,
        ...marks,
        isForeign: marks.isForeign && arch === '',
      });
    }
  }
  return offers;
}

function checkSiblings(present: readonly Present[], add: Add): void {
  const byName = new Map<string, Present>();
  for (const one of present) {
    const other = byName.get(one.name);
    byName.set(one.name, one);
    if (!other) continue;
    const inStep =
      one.arch !== other.arch &&
      one.multiArch === 'same' &&
      other.multiArch === 'same' &&
      one.version === other.version;
    if (!inStep) add(one.id, `${one.name} is there twice: ${other.version} and ${one.version}.`);
  }
}

function checkNeeds(
  view: View,
  one: Present,
  kind: 'preDepends' | 'depends',
  offers: ReadonlyMap<string, readonly Offer[]>,
  native: string,
  add: Add,
): void {
  for (const all of relationOf(view, one.id, kind)) {
    const terms = all.filter((term) => countsFor(term, one.arch));
    if (terms.length === 0) continue;
    const isMet = terms.some(([name, arch, operator, version]) =>
      offers.get(name)?.some((offer) => {
        if (!fits(offer.version, operator, version)) return false;
        if (arch === '') return offer.isForeign || offer.present.arch === one.arch;
        if (arch === 'any') return offer.isAllowed;
        return offer.present.arch === (arch === 'native' ? native : arch) || offer.isForeign;
      }),
    );
    if (!isMet) add(one.id, `${one.name} ${one.version} lacks ${terms.map(shown).join(' | ')}.`);
  }
}

function checkForbids(
  view: View,
  one: Present,
  kind: 'conflicts' | 'breaks',
  offers: ReadonlyMap<string, readonly Offer[]>,
  native: string,
  add: Add,
): void {
  for (const term of relationOf(view, one.id, kind).flat()) {
    const [name, arch, operator, version] = term;
    for (const { present: other, isProvided, version: offered, isForeign } of offers.get(name) ??
      []) {
      if (other.id === one.id || !fits(offered, operator, version)) continue;
      const only = arch === 'native' ? native : arch;
      if (only !== '' && only !== 'any' && other.arch !== only && !isForeign) continue;
      if (other.name === one.name && (isProvided || one.multiArch === 'same')) continue;
      add(
        one.id,
        `${one.name} ${one.version} excludes ${shown(term)}: ${other.name} ${other.version}.`,
      );
    }
  }
}

/** Policy 7.5: what is provided without a version meets no versioned relation. */
function fits(actual: string, operator: string, wanted: string): boolean {
  if (operator === '') return true;
  if (actual === '') return false;
  const difference = compareVersions(actual, wanted);
  if (operator === '=') return difference === 0;
  if (operator === '<<') return difference < 0;
  if (operator === '>>') return difference > 0;
  return operator.startsWith('<') ? difference <= 0 : difference >= 0;
}

function shown([name, arch, operator, version]: Term): string {
  return `${name}${arch === '' ? '' : `:${arch}`}${operator === '' ? '' : ` (${operator} ${version})`}`;
}
