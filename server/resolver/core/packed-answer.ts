import { type Answer, placesByName, UNASKED, UNKNOWN, WANTED } from './answer.ts';
import { type AnswerNumbers, numbersOf } from './answer-numbers.ts';
import type { PackageReason, Resolution, ResolvedPackage } from './resolution.ts';
import type { View } from './view.ts';
import { createViewPackages, type ViewPackage } from './view-package.ts';

/** An answer in numbers, 13 bytes for each package: to be kept by thousands, and sent from one thread to another. */
export interface PackedAnswer {
  /** The packages in the order of the answer, by their numbers in the view. */
  ids: Int32Array;
  /** Places in `reasonKinds`. */
  kinds: Uint8Array;
  /** The places of what needs them; `WANTED`, `UNASKED`. */
  above: Int32Array;
  /** Of what is needed: the number of the relation's text. */
  relations: Int32Array;
  rest: Omit<Resolution, 'packages'>;
}

const reasonKinds = [
  ...['wanted', 'essential', 'installed'],
  ...['preDepends', 'depends', 'recommends', 'supplements'],
] as const;
type NeededKind = Extract<PackageReason, { kind: 'needed' }>['relationKind'];

/** Packs the answers on one view. */
export interface Packer {
  /** Null: something in the answer has no number, so that it cannot be packed. */
  pack(resolution: Resolution): PackedAnswer | null;
  /** The relations' texts by their numbers; grows with each answer. */
  readonly texts: readonly string[];
}

export function createPacker(view: View): Packer {
  const relations = createNumbering();
  const packNumbers = createNumbersPacker(relations);
  const packPackages = createPackagesPacker(view, relations);
  return {
    texts: relations.texts,
    pack(resolution) {
      const numbers = numbersOf(resolution);
      const { removed, unresolved, problems, unownedPaths } = resolution;
      const rest = { removed, unresolved, problems, ...(unownedPaths && { unownedPaths }) };
      const arrays = numbers ? packNumbers(numbers) : packPackages(resolution.packages);
      return arrays && { ...arrays, rest };
    },
  };
}

type PackedArrays = Omit<PackedAnswer, 'rest'>;

/** Packs what the resolver has in numbers already. */
function createNumbersPacker(relations: Numbering): (numbers: AnswerNumbers) => PackedArrays {
  /** By need: the number of the relation's text times the number of kinds, and the kind. */
  const known = new Map<number, number>();
  const codeOf = (
    need: number,
    { relationKind, relation }: ReturnType<AnswerNumbers['needAt']>,
  ) => {
    const code = relations.of(relation) * reasonKinds.length + reasonKinds.indexOf(relationKind);
    known.set(need, code);
    return code;
  };
  return ({ ids, above, needs, needAt }) => {
    const to = { ids, above, ...emptyArrays(ids.length) };
    for (let place = 0; place < ids.length; place += 1) {
      const over = above[place] as number;
      if (over < 0) {
        to.kinds[place] = over === WANTED ? KIND_WANTED : KIND_ESSENTIAL;
        continue;
      }
      const need = needs[place] as number;
      const code = known.get(need) ?? codeOf(need, needAt(place));
      to.kinds[place] = code % reasonKinds.length;
      to.relations[place] = Math.floor(code / reasonKinds.length);
    }
    return to;
  };
}

const KIND_WANTED = reasonKinds.indexOf('wanted');
const KIND_ESSENTIAL = reasonKinds.indexOf('essential');

function emptyArrays(count: number): Pick<PackedArrays, 'kinds' | 'relations'> {
  return { kinds: new Uint8Array(count), relations: new Int32Array(count) };
}

/** Packs any answer; null: some package has no number, or what needs it is not in the answer. */
function createPackagesPacker(
  view: View,
  relations: Numbering,
): (packages: readonly ResolvedPackage[]) => PackedArrays | null {
  const idOf = createIds(view);
  return (packages) => {
    const places = placesByName(packages);
    const { length } = packages;
    const [ids, above] = [new Int32Array(length), new Int32Array(length)];
    const to = { ids, above, ...emptyArrays(length) };
    for (const [place, one] of packages.entries()) {
      const { reason } = one;
      const isNeeded = reason.kind === 'needed';
      const over = isNeeded ? (places.get(reason.by) ?? UNKNOWN) : rootOf(reason);
      const id = idOf(one);
      if (id === 0 || over === UNKNOWN || one.auto !== (reason.kind !== 'wanted')) return null;
      ids[place] = id;
      above[place] = over;
      to.kinds[place] = reasonKinds.indexOf(isNeeded ? reason.relationKind : reason.kind);
      to.relations[place] = isNeeded ? relations.of(reason.relation) : 0;
    }
    return to;
  };
}

const rootOf = ({ kind }: PackageReason): number => (kind === 'wanted' ? WANTED : UNASKED);

/** Numbers texts from 0. */
interface Numbering {
  of(text: string): number;
  readonly texts: readonly string[];
}

function createNumbering(): Numbering {
  const texts: string[] = [];
  const numbers = new Map<string, number>();
  return {
    texts,
    of(text) {
      const found = numbers.get(text);
      if (found !== undefined) return found;
      numbers.set(text, texts.length);
      return texts.push(text) - 1;
    },
  };
}

/** Finds the number of a package in the view; 0: it has none. */
function createIds(view: View): (one: ResolvedPackage) => number {
  const known = new Map<string, { id: number; version: string; arch: string; source: string }[]>();
  const describe = (name: string) =>
    view.named(name).map((id) => ({
      ...{ id, version: view.version(id), arch: view.arch(id), source: view.source(id).id },
    }));
  return ({ name, version, arch, source }) => {
    let all = known.get(name);
    if (!all) {
      all = describe(name);
      known.set(name, all);
    }
    for (const one of all)
      if (one.version === version && one.arch === arch && one.source === source) return one.id;
    return 0;
  };
}

/** Reads packed answers on one view. What is in an answer is put together when somebody looks at it; only the last is kept. */
export interface Unpacker {
  /** `texts`: those of the packer; they may go on growing. */
  unpack(packed: PackedAnswer, texts: readonly string[]): Answer;
}

export function createUnpacker(view: View): Unpacker {
  const viewPackage = createViewPackages(view);
  /** Who plans with an answer looks at its packages several times in a row. */
  let last: { ids: Int32Array; listed: readonly ViewPackage[] } | null = null;
  const listedOf = (ids: Int32Array): readonly ViewPackage[] => {
    if (last?.ids !== ids) {
      const listed = new Array<ViewPackage>(ids.length);
      for (let place = 0; place < ids.length; place += 1)
        listed[place] = viewPackage(ids[place] as number);
      last = { ids, listed };
    }
    return last.listed;
  };
  return {
    unpack(packed, texts) {
      const { ids, above, rest } = packed;
      return {
        ...rest,
        above,
        get listed() {
          return listedOf(ids);
        },
        get packages() {
          const parts = { view, packed, listed: this.listed, texts };
          return parts.listed.map((_, place) => resolved(place, parts));
        },
      };
    },
  };
}

interface Unpacking {
  view: View;
  packed: PackedAnswer;
  listed: readonly ViewPackage[];
  texts: readonly string[];
}

function resolved(place: number, { view, packed, listed, texts }: Unpacking): ResolvedPackage {
  const one = listed[place] as ViewPackage;
  const id = packed.ids[place] as number;
  const universe = view.universe(id);
  const index = view.index(id);
  const kind = reasonKinds[packed.kinds[place] as number] as (typeof reasonKinds)[number];
  const by = listed[packed.above[place] as number]?.name;
  const relation = texts[packed.relations[place] as number] ?? '';
  return {
    name: one.name,
    version: one.version,
    arch: one.arch,
    type: view.family,
    source: one.source,
    auto: kind !== 'wanted',
    reason:
      by === undefined
        ? ({ kind } as PackageReason)
        : { kind: 'needed', by, relationKind: kind as NeededKind, relation },
    size: one.size,
    installedSize: one.installedSize,
    location: universe.location(index),
    checksum: universe.checksum(index),
  };
}
