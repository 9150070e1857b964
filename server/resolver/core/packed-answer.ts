import { type Answer, UNASKED, UNKNOWN, WANTED } from './answer.ts';
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
  const texts: string[] = [];
  const numbers = new Map<string, number>();
  const idOf = createIds(view);
  const numberOf = (text: string): number => {
    const known = numbers.get(text);
    if (known !== undefined) return known;
    numbers.set(text, texts.length);
    return texts.push(text) - 1;
  };

  const packAll = (packages: readonly ResolvedPackage[], packed: PackedAnswer): boolean => {
    const places = new Map<string, number>();
    for (let place = packages.length - 1; place >= 0; place -= 1)
      places.set((packages[place] as ResolvedPackage).name, place);
    for (let place = 0; place < packages.length; place += 1) {
      const one = packages[place] as ResolvedPackage;
      const { reason } = one;
      const isNeeded = reason.kind === 'needed';
      const above = isNeeded ? (places.get(reason.by) ?? UNKNOWN) : rootOf(reason);
      const id = idOf(one);
      if (id === 0 || above === UNKNOWN || one.auto !== (reason.kind !== 'wanted')) return false;
      packed.ids[place] = id;
      packed.above[place] = above;
      packed.kinds[place] = reasonKinds.indexOf(isNeeded ? reason.relationKind : reason.kind);
      packed.relations[place] = isNeeded ? numberOf(reason.relation) : 0;
    }
    return true;
  };

  return {
    texts,
    pack({ packages, ...rest }) {
      const packed = { ...emptyArrays(packages.length), rest };
      return packAll(packages, packed) ? packed : null;
    },
  };
}

const rootOf = ({ kind }: PackageReason): number => (kind === 'wanted' ? WANTED : UNASKED);

function emptyArrays(count: number): Omit<PackedAnswer, 'rest'> {
  return {
    ids: new Int32Array(count),
    kinds: new Uint8Array(count),
    above: new Int32Array(count),
    relations: new Int32Array(count),
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

/** Reads packed answers on one view. What is in an answer is put together when somebody looks at it, and not kept. */
export interface Unpacker {
  /** `texts`: those of the packer; they may go on growing. */
  unpack(packed: PackedAnswer, texts: readonly string[]): Answer;
}

export function createUnpacker(view: View): Unpacker {
  const viewPackage = createViewPackages(view);
  return {
    unpack(packed, texts) {
      const { ids, above, rest } = packed;
      return {
        ...rest,
        above,
        get listed() {
          return Array.from(ids, viewPackage);
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
