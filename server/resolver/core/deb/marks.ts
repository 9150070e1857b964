import type { Alternative, Group, Groups } from './groups.ts';
import type { Pool } from './pool.ts';

export type Mode = 'keep' | 'install' | 'delete';

/**
 * What is to be done with each package: apt's own picture of a run. All of it is per package number; what was never
 * touched stands as the pool says.
 */
export interface Marks {
  readonly pool: Pool;
  readonly groups: Groups;
  /** The version that will be there; 0 for none. */
  installed(pkg: number): number;
  candidate(pkg: number): number;
  mode(pkg: number): Mode;
  isAuto(pkg: number): boolean;
  isProtected(pkg: number): boolean;
  setState(pkg: number, mode: Mode, installed: number): void;
  setCandidate(pkg: number, version: number): void;
  setAuto(pkg: number, auto: boolean): void;
  setProtected(pkg: number, isProtected: boolean): void;
  /** Whether a Recommends of this version is to be followed. */
  isWanted(version: number, group: Group): boolean;
  /** Something that will be there serves one of the alternatives; for a negative group: nothing hurts it. */
  holds(group: Group): boolean;
  /** The same with what is there now. */
  heldBefore(group: Group): boolean;
  /** Packages whose state was touched or that are installed. */
  touched(): readonly number[];
}

/** True for a group whose Recommends the version's source, the request or the want asks for. */
export type FollowRecommends = (version: number) => boolean;

/** Marks with nothing changed. `candidates` are versions that the request decided, by package. */
export function createMarks(options: {
  pool: Pool;
  groups: Groups;
  candidates: ReadonlyMap<number, number>;
  auto: ReadonlySet<number>;
  follow: FollowRecommends;
}): Marks {
  const { pool, groups, candidates, follow } = options;
  const installed = new Map<number, number>();
  const changed = new Map<number, number>(candidates);
  const modes = new Map<number, Mode>();
  const autos = new Map<number, boolean>();
  const protectedOnes = new Set<number>();

  const inst = (pkg: number): number => installed.get(pkg) ?? pool.current(pkg);
  const served = (alternative: Alternative, at: (pkg: number) => number): boolean => {
    const { versions, packages } = alternative;
    for (let place = 0; place < versions.length; place += 1)
      if (at(packages[place] as number) === versions[place]) return true;
    return false;
  };
  const holds = (group: Group, at: (pkg: number) => number): boolean => {
    for (const alternative of group.alternatives)
      if (served(alternative, at)) return !group.isNegative;
    return group.isNegative;
  };

  return {
    pool,
    groups,
    installed: inst,
    candidate: (pkg) => changed.get(pkg) ?? pool.candidate(pkg),
    mode: (pkg) => modes.get(pkg) ?? 'keep',
    isAuto: (pkg) => autos.get(pkg) ?? options.auto.has(pkg),
    isProtected: (pkg) => protectedOnes.has(pkg),
    setState(pkg, mode, version) {
      modes.set(pkg, mode);
      installed.set(pkg, version);
    },
    setCandidate: (pkg, version) => void changed.set(pkg, version),
    setAuto: (pkg, auto) => void autos.set(pkg, auto),
    setProtected(pkg, isProtected) {
      if (isProtected) protectedOnes.add(pkg);
      else protectedOnes.delete(pkg);
    },
    isWanted: (version, group) => group.isCritical || follow(version),
    holds: (group) => holds(group, inst),
    heldBefore: (group) => holds(group, pool.current),
    touched: () => [...new Set([...pool.installed(), ...installed.keys()])],
  };
}

/** Whether the version that will be there lacks something; with `policy` also a Recommends that is to be followed. */
export function isBroken(marks: Marks, pkg: number, policy = false): boolean {
  const version = marks.installed(pkg);
  return version !== 0 && lacks(marks, version, policy);
}

/** Whether a version would lack something as things stand. */
export function lacks(marks: Marks, version: number, policy = false): boolean {
  for (const group of marks.groups.of(version)) {
    if (!group.isCritical && !(policy && marks.isWanted(version, group))) continue;
    if (!marks.holds(group)) return true;
  }
  return false;
}
