import { type Group, GroupBit, type Groups } from './groups.ts';
import type { Pool } from './pool.ts';
import { VersionState } from './scratch.ts';

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
  /** Whether the version will be there. */
  isPresent(version: number): boolean;
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
  /** Whether the version would lack something as things stand; with `policy` also a Recommends that is to be followed. */
  lacks(version: number, policy: boolean): boolean;
  /** The groups of the version that do not hold and are to be followed. */
  missing(version: number): Group[];
  /**
   * The place of the first need of the version, from a place on, that does not hold, or whose only server is not protected
   * or not as usual; -1 for none. Recommends only if they are to be followed.
   */
  nextUnsettled(version: number, from: number): number;
  /** Every need of the version is served by what will be there, or by a candidate as the pool has it. */
  isServed(version: number): boolean;
  /** Packages whose state was touched or that are installed. */
  touched(): readonly number[];
  /** Of no package of the group the candidate was changed or ruled out: what is usual in the pool holds. */
  isUsual(group: Group): boolean;
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
  const { installed, candidates, modes, flags, isTouched, states } = scratch;
  const touch = (pkg: number): void => {
    if (isTouched[pkg] === 1) return;
    isTouched[pkg] = 1;
    scratch.touched.push(pkg);
  };
  const setVersionState = (version: number, state: number): void => {
    if (states[version] === 0) scratch.marked.push(version);
    states[version] = (states[version] as number) | state;
  };
  const setInstalled = (pkg: number, version: number): void => {
    const before = installed[pkg] as number;
    if (before === version) return;
    installed[pkg] = version;
    states[before] = (states[before] as number) & ~VersionState.present;
    if (version !== 0) setVersionState(version, VersionState.present);
  };
  for (const pkg of pool.installed()) {
    touch(pkg);
    setInstalled(pkg, pool.current(pkg));
  }
  let isAllUsual = true;
  const setOdd = (pkg: number): void => {
    isAllUsual = false;
    for (const version of pool.versions(pkg)) setVersionState(version, VersionState.odd);
  };
  const setCandidate = (pkg: number, version: number): void => {
    setOdd(pkg);
    touch(pkg);
    candidates[pkg] = version + 1;
  };
  for (const [pkg, version] of options.candidates) setCandidate(pkg, version);
  const flag = (pkg: number, set: number, clear: number): void => {
    touch(pkg);
    flags[pkg] = ((flags[pkg] ?? 0) & ~clear) | set;
  };
  const isBare = pool.installed().length === 0;
  const isSettled = (code: Int32Array, from: number, end: number): boolean => {
    let holds = false;
    let only = 0;
    let isOnly = true;
    for (let at = from; at < end; at += 1) {
      const version = code[at] as number;
      const state = states[version] as number;
      if ((state & VersionState.odd) !== 0) return false;
      if (state !== 0) holds = true;
      if (pool.usual[version] !== 1 || version === only) continue;
      if (only !== 0) isOnly = false;
      only = version;
    }
    if (!holds || !isBare) return false;
    if (!isOnly || only === 0) return true;
    return ((flags[pool.packageOf(only)] as number) & PROTECTED) !== 0;
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
      if (mode === 'delete') setOdd(pkg);
      modes[pkg] = MODES.indexOf(mode);
      setInstalled(pkg, version);
    },
    setCandidate,
    setAuto: (pkg, isAuto) => flag(pkg, isAuto ? AUTO : MANUAL, AUTO | MANUAL),
    setProtected(pkg, isProtected) {
      if (isProtected && installed[pkg] === 0) setOdd(pkg);
      flag(pkg, isProtected ? PROTECTED : 0, PROTECTED);
    },
    isWanted: (version, group) => group.isCritical || follow(version),
    holds(group) {
      const { versions } = group;
      for (let place = 0; place < versions.length; place += 1)
        if (((states[versions[place] as number] as number) & VersionState.present) !== 0)
          return !group.isNegative;
      return group.isNegative;
    },
    heldBefore({ isNegative, versions, packages }) {
      const served = versions.some(
        (version, place) => pool.current(packages[place] ?? -1) === version,
      );
      return served !== isNegative;
    },
    isPresent: (version) => ((states[version] as number) & VersionState.present) !== 0,
    lacks(version, policy) {
      const code = groups.codeOf(version);
      const isSoftToo = policy && follow(version);
      for (let at = 0; at < code.length; ) {
        const head = code[at] as number;
        const end = at + 1 + (head >> 2);
        const counts = isSoftToo || (head & GroupBit.soft) === 0;
        if (counts && anyPresent(states, code, at + 1, end) === ((head & GroupBit.negative) !== 0))
          return true;
        at = end;
      }
      return false;
    },
    missing(version) {
      const code = groups.codeOf(version);
      const found: Group[] = [];
      let place = 0;
      for (let at = 0; at < code.length; place += 1) {
        const head = code[at] as number;
        const end = at + 1 + (head >> 2);
        if (anyPresent(states, code, at + 1, end) === ((head & GroupBit.negative) !== 0)) {
          const group = groups.of(version)[place] as Group;
          if (group.isCritical || follow(version)) found.push(group);
        }
        at = end;
      }
      return found;
    },
    nextUnsettled(version, from) {
      const code = groups.codeOf(version);
      const follows = follow(version);
      for (let at = 0, place = 0; at < code.length; place += 1) {
        const kind = (code[at] as number) & 3;
        const end = at + 1 + ((code[at] as number) >> 2);
        const counts = place >= from && (kind === 0 || (kind === GroupBit.soft && follows));
        if (counts && !isSettled(code, at + 1, end)) return place;
        at = end;
      }
      return -1;
    },
    isServed(version) {
      if (isAllUsual && groups.isServable(version)) return true;
      const code = groups.codeOf(version);
      for (let at = 0; at < code.length; ) {
        const head = code[at] as number;
        const end = at + 1 + (head >> 2);
        if ((head & 3) === 0 && !anyServes(states, pool.usual, code, at + 1, end)) return false;
        at = end;
      }
      return true;
    },
    touched: () => [...scratch.touched],
    isUsual({ versions }) {
      if (isAllUsual) return true;
      for (let place = 0; place < versions.length; place += 1)
        if (((states[versions[place] as number] as number) & VersionState.odd) !== 0) return false;
      return true;
    },
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
  return marks.lacks(version, policy);
}

function anyPresent(states: Uint8Array, code: Int32Array, from: number, end: number): boolean {
  for (let at = from; at < end; at += 1)
    if (((states[code[at] as number] as number) & VersionState.present) !== 0) return true;
  return false;
}

function anyServes(
  states: Uint8Array,
  usual: Uint8Array,
  code: Int32Array,
  from: number,
  end: number,
): boolean {
  for (let at = from; at < end; at += 1) {
    const version = code[at] as number;
    const state = states[version] as number;
    if ((state & VersionState.present) !== 0 || (state === 0 && usual[version] === 1)) return true;
  }
  return false;
}
