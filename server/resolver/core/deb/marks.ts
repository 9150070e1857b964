import type { Group, Groups } from './groups.ts';
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
  /** No candidate was changed and nothing was ruled out: what is usual in the pool holds. */
  isUsual(): boolean;
  /** Gives the tables back; the marks must not be used any more. */
  release(): void;
}

/** True for a group whose Recommends the version's source, the request or the want asks for. */
export type FollowRecommends = (version: number) => boolean;

const MODES: readonly Mode[] = ['keep', 'install', 'delete'];
const PROTECTED = 1;
const AUTO = 2;
const MANUAL = 4;

/** Marks with nothing changed. `candidates` are versions that the request decided, by package. */
export function createMarks(options: {
  pool: Pool;
  groups: Groups;
  candidates: ReadonlyMap<number, number>;
  auto: ReadonlySet<number>;
  follow: FollowRecommends;
}): Marks {
  const { pool, groups, follow, auto } = options;
  const scratch = pool.scratch.take();
  const { installed, candidates, modes, flags, isTouched } = scratch;
  const touch = (pkg: number): void => {
    if (isTouched[pkg] === 1) return;
    isTouched[pkg] = 1;
    scratch.touched.push(pkg);
  };
  for (const pkg of pool.installed()) {
    touch(pkg);
    installed[pkg] = pool.current(pkg);
  }
  let usual = true;
  const setCandidate = (pkg: number, version: number): void => {
    usual = false;
    touch(pkg);
    candidates[pkg] = version + 1;
  };
  for (const [pkg, version] of options.candidates) setCandidate(pkg, version);
  const flag = (pkg: number, set: number, clear: number): void => {
    touch(pkg);
    flags[pkg] = ((flags[pkg] ?? 0) & ~clear) | set;
  };

  return {
    pool,
    groups,
    installed: (pkg) => installed[pkg] ?? 0,
    candidate(pkg) {
      const changed = candidates[pkg] ?? 0;
      return changed === 0 ? pool.candidate(pkg) : changed - 1;
    },
    mode: (pkg) => MODES[modes[pkg] ?? 0] ?? 'keep',
    isAuto(pkg) {
      const flags_ = flags[pkg] ?? 0;
      return (flags_ & AUTO) !== 0 || ((flags_ & MANUAL) === 0 && auto.has(pkg));
    },
    isProtected: (pkg) => ((flags[pkg] ?? 0) & PROTECTED) !== 0,
    setState(pkg, mode, version) {
      touch(pkg);
      if (mode === 'delete') usual = false;
      modes[pkg] = MODES.indexOf(mode);
      installed[pkg] = version;
    },
    setCandidate,
    setAuto: (pkg, isAuto) => flag(pkg, isAuto ? AUTO : MANUAL, AUTO | MANUAL),
    setProtected(pkg, isProtected) {
      if (isProtected && installed[pkg] === 0) usual = false;
      flag(pkg, isProtected ? PROTECTED : 0, PROTECTED);
    },
    isWanted: (version, group) => group.isCritical || follow(version),
    holds(group) {
      const { versions, packages } = group;
      for (let place = 0; place < versions.length; place += 1)
        if (installed[packages[place] as number] === versions[place]) return !group.isNegative;
      return group.isNegative;
    },
    heldBefore({ isNegative, versions, packages }) {
      const served = versions.some(
        (version, place) => pool.current(packages[place] ?? -1) === version,
      );
      return served !== isNegative;
    },
    touched: () => [...scratch.touched],
    isUsual: () => usual,
    release: () => pool.scratch.giveBack(scratch),
  };
}

/** Whether the version that will be there lacks something; with `policy` also a Recommends that is to be followed. */
export function isBroken(marks: Marks, pkg: number, policy = false): boolean {
  const version = marks.installed(pkg);
  return version !== 0 && lacks(marks, version, policy);
}

/** Whether something is broken, or a Recommends that is to be followed is not met and all of them were before. */
export function isNewlyBroken(marks: Marks, pkg: number): boolean {
  if (isBroken(marks, pkg)) return true;
  const current = marks.pool.current(pkg);
  const wasLacking =
    current !== 0 &&
    marks.groups
      .of(current)
      .some((group) => marks.isWanted(current, group) && !marks.heldBefore(group));
  return !wasLacking && isBroken(marks, pkg, true);
}

/** Whether a version would lack something as things stand. */
export function lacks(marks: Marks, version: number, policy = false): boolean {
  for (const group of marks.groups.of(version)) {
    if (!group.isCritical && !(policy && marks.isWanted(version, group))) continue;
    if (!marks.holds(group)) return true;
  }
  return false;
}
