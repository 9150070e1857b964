import type { RelationKind } from '../universe.ts';
import { siblingsOutOfStep, withoutOwn } from './exclusions.ts';
import type { Pool } from './pool.ts';
import { type DebAlternative, type DebGroup, isForArch, parseDebRelation } from './relation.ts';
import { createSatisfaction, type Satisfaction, type Targets } from './satisfy.ts';

/** A relation of a version, with what serves it. */
export interface Group {
  kind: RelationKind;
  /** Conflicts and Breaks: none of the targets may be there. */
  isNegative: boolean;
  /** Everything but Recommends must hold. */
  isCritical: boolean;
  alternatives: readonly Alternative[];
  /** Versions of all alternatives, and their packages, place by place. */
  versions: Int32Array;
  packages: Int32Array;
  /** Those of them that are installed, or the candidate as the pool has it; each once. */
  usual: readonly number[];
  text: string;
}

export interface Alternative {
  name: string;
  isVersioned: boolean;
  /** `name:any`: to apt another package than `name`, which provides it. */
  isAny: boolean;
  /** A version of the named package says that it provides the name as well. */
  providesItself: boolean;
  /** Versions that serve it, or that it forbids: those of the named package first. */
  versions: readonly number[];
  /** The packages of these versions, place by place. */
  packages: readonly number[];
  /** The named package's versions come first: how many they are. */
  ownCount: number;
}

/** The relations of versions, in apt's order; made once. */
export interface Groups {
  of(version: number): readonly Group[];
  /**
   * The same groups as numbers, to be gone over fast: of each group its head, `count * 4 + kind` (kind: bits of `GroupBit`),
   * and then its versions.
   */
  codeOf(version: number): Int32Array;
  /** Those that are negative. */
  negativesOf(version: number): readonly Group[];
  /** Every need of the version could be served by a candidate, as the pool has them. */
  isServable(version: number): boolean;
  /** What provides a name in an architecture; with a version: what provides exactly that. */
  providersOf(name: string, arch: string, version?: string): readonly number[];
}

export const GroupBit = { negative: 1, soft: 2 } as const;

const KINDS: readonly RelationKind[] = [
  'preDepends',
  'depends',
  'conflicts',
  'breaks',
  'recommends',
];

/** Over the versions of a pool. */
export function createGroups(
  pool: Pool,
  satisfaction: Satisfaction = createSatisfaction(pool),
): Groups {
  const { view } = pool;
  const byVersion = new Array<readonly Group[] | undefined>(view.count + 1).fill(undefined);
  const codes = new Array<Int32Array | undefined>(view.count + 1).fill(undefined);
  const negatives = new Array<readonly Group[] | undefined>(view.count + 1).fill(undefined);
  const servable = new Array<boolean | undefined>(view.count + 1).fill(undefined);
  const positiveByText = new Map<string, readonly Group[]>();
  const parsed = new Map<number, readonly DebGroup[]>();

  const alternative = (
    { name, operator, qualifier }: DebAlternative,
    targets: Targets,
  ): Alternative => ({
    ...toAlternative(pool, name, operator !== null, targets),
    isAny: qualifier === 'any',
  });

  function parse(version: number, kind: RelationKind): readonly DebGroup[] {
    const key = view.relationKey(version, kind);
    if (key === 0) return [];
    let groups = parsed.get(key);
    if (!groups) {
      groups = parseDebRelation(view.relation(version, kind));
      parsed.set(key, groups);
    }
    return groups;
  }

  function positive(version: number, kind: RelationKind): readonly Group[] {
    const arch = pool.arch(pool.packageOf(version));
    const key = `${view.relationKey(version, kind)} ${kind} ${arch}`;
    let groups = positiveByText.get(key);
    if (!groups) {
      groups = parse(version, kind).flatMap(({ alternatives, text }) => {
        const counting = alternatives.filter((one) => isForArch(one, arch));
        if (counting.length === 0) return [];
        const made = counting.map((one) => alternative(one, satisfaction.positive(one, arch)));
        const isCritical = kind !== 'recommends';
        return [toGroup(pool, { kind, text, isNegative: false, isCritical, alternatives: made })];
      });
      positiveByText.set(key, groups);
    }
    return groups;
  }

  function negative(version: number, kind: RelationKind): Group[] {
    return parse(version, kind).flatMap(({ alternatives, text }) =>
      alternatives.map((one) => {
        const targets = withoutOwn(pool, version, satisfaction.negative(one));
        const hit = alternative(one, targets);
        return toGroup(pool, {
          kind,
          text,
          isNegative: true,
          isCritical: true,
          alternatives: [hit],
        });
      }),
    );
  }

  function make(version: number): readonly Group[] {
    const groups = KINDS.flatMap((kind) =>
      kind === 'conflicts' || kind === 'breaks' ? negative(version, kind) : positive(version, kind),
    );
    const all = pool.isMultiArch ? [...groups, ...siblingGroups(pool, version)] : groups;
    return all.filter(({ isNegative, versions }) => !isNegative || versions.length > 0);
  }

  return {
    of(version) {
      let groups = byVersion[version];
      if (!groups) {
        groups = make(version);
        byVersion[version] = groups;
      }
      return groups;
    },
    codeOf(version) {
      let code = codes[version];
      if (!code) {
        code = encode(this.of(version));
        codes[version] = code;
      }
      return code;
    },
    negativesOf(version) {
      let found = negatives[version];
      if (!found) {
        found = this.of(version).filter(({ isNegative }) => isNegative);
        negatives[version] = found;
      }
      return found;
    },
    isServable(version) {
      let known = servable[version];
      if (known === undefined) {
        known = this.of(version).every(
          ({ isNegative, isCritical, versions, packages }) =>
            isNegative ||
            !isCritical ||
            versions.some((one, place) => pool.candidate(packages[place] as number) === one),
        );
        servable[version] = known;
      }
      return known;
    },
    providersOf: (name, arch, version) =>
      satisfaction.positive(
        {
          ...{ name, qualifier: '', archs: [], profiles: [], text: name, version: version ?? '' },
          operator: version === undefined ? null : '=',
        },
        arch,
      ).provided,
  };
}

function encode(groups: readonly Group[]): Int32Array {
  const code: number[] = [];
  for (const { isNegative, isCritical, versions } of groups) {
    const kind = (isNegative ? GroupBit.negative : 0) | (isCritical ? 0 : GroupBit.soft);
    code.push(versions.length * 4 + kind, ...versions);
  }
  return Int32Array.from(code);
}

function toGroup(pool: Pool, parts: Omit<Group, 'versions' | 'packages' | 'usual'>): Group {
  const { alternatives } = parts;
  const versions = alternatives.flatMap((one) => one.versions);
  const isUsual = (version: number): boolean => {
    const pkg = pool.packageOf(version);
    return pool.candidate(pkg) === version || pool.current(pkg) === version;
  };
  return {
    ...parts,
    versions: Int32Array.from(versions),
    packages: Int32Array.from(alternatives.flatMap(({ packages }) => packages)),
    usual: [...new Set(versions)].filter(isUsual),
  };
}

function toAlternative(
  pool: Pool,
  name: string,
  isVersioned: boolean,
  targets: Targets,
): Alternative {
  const versions = [...new Set([...targets.own, ...targets.provided])];
  const packages = versions.map((id) => pool.packageOf(id));
  const ownCount = targets.own.length;
  const providesItself = targets.own.some((id) => targets.provided.includes(id));
  return { name, isVersioned, isAny: false, providesItself, versions, packages, ownCount };
}

/** Packages of one name in two architectures go together only if both are `Multi-Arch: same` and of one version. */
function siblingGroups(pool: Pool, version: number): Group[] {
  const { view } = pool;
  const pkg = pool.packageOf(version);
  const name = pool.name(pkg);
  const isSame = view.universe(version).multiArch(view.index(version)) === 'same';
  const kind = isSame ? ('breaks' as const) : ('conflicts' as const);
  return siblingsOutOfStep(pool, version).map(({ sibling, versions }) => {
    const hit = toAlternative(pool, name, isSame, { own: versions, provided: [] });
    const text = `${name}:${pool.arch(sibling)}`;
    return toGroup(pool, { kind, text, isNegative: true, isCritical: true, alternatives: [hit] });
  });
}
