import type { Alternative, Group } from './groups.ts';
import { brokenPackages, type Marker } from './marker.ts';
import { isBroken, type Marks } from './marks.ts';
import { type Scores, scoreOf, scoresOf } from './scores.ts';

const ROUNDS = 10;
/** Longer chains of upgrades are left to the search. */
const DEEPEST = 200;

/** The state of a repair. */
interface Repair {
  marker: Marker;
  marks: Marks;
  scores: Scores;
  /** Packages that the request decided: they stay as they are. */
  fixed: ReadonlySet<number>;
  /** Packages whose upgrade was tried: once is enough. */
  tried: Set<number>;
  round: number;
  /** Broken packages may be upgraded to mend them. */
  mends: boolean;
}

/** What is to be kept or removed for the sake of the package under investigation. */
interface Victim {
  pkg: number;
  group: Group;
}

/**
 * Mends what is broken after all marks are made, as apt does: from the highest score to the lowest, a broken package is
 * kept, upgraded or removed, or what is in its way is. True if nothing is broken at the end.
 */
export function repair(marker: Marker, fixed: ReadonlySet<number>, mends: boolean): boolean {
  const { marks } = marker;
  if (mends) upgradeBroken(marker);
  const scores = scoresOf(marks, (pkg) => fixed.has(pkg));
  const state: Repair = {
    ...{ marker, marks, scores, fixed, mends, round: 0 },
    tried: new Set(),
  };
  const order = byScore(marks, scores);
  const preinstalled = new Set(order.filter((pkg) => marks.mode(pkg) === 'install'));
  for (; state.round < ROUNDS; state.round += 1) {
    let changed = false;
    for (const pkg of order) {
      if (preinstalled.has(pkg)) reinstate(state, pkg);
      if (isBroken(marks, pkg) && investigate(state, pkg)) changed = true;
    }
    if (!changed) break;
  }
  return brokenPackages(marks).length === 0;
}

/** Highest first; of equals the one that the index mentions first. */
export function byScore(marks: Marks, scores: Scores): number[] {
  return [...marks.touched()].sort(
    (a, b) => scoreOf(scores, b) - scoreOf(scores, a) || marks.pool.order(a) - marks.pool.order(b),
  );
}

function upgradeBroken({ marks, install }: Marker): void {
  for (let again = true; again; ) {
    again = false;
    for (const pkg of marks.touched())
      if (marks.mode(pkg) !== 'install' && isBroken(marks, pkg)) {
        install(pkg);
        if (marks.mode(pkg) === 'install') again = true;
      }
  }
}

/** What was to be upgraded and was held back meanwhile is tried again. */
function reinstate({ marks, marker, fixed }: Repair, pkg: number): void {
  const before = marks.installed(pkg);
  if (before === 0 || marks.pool.current(pkg) === 0 || fixed.has(pkg)) return;
  if (marks.candidate(pkg) === before) return;
  const broken = brokenPackages(marks).length;
  marker.install(pkg);
  if (isBroken(marks, pkg) || brokenPackages(marks).length > broken) marker.keep(pkg);
}

/** How an or-group that nothing can serve is dealt with at its end. */
type Unwind = 'remove' | 'keep';

/** Deals with one broken package; true if anything was changed. */
function investigate(state: Repair, pkg: number): boolean {
  const { marks, marker, fixed } = state;
  const victims: Victim[] = [];
  let changed = false;
  for (const group of marks.groups.of(marks.installed(pkg))) {
    if (!group.isCritical || marks.holds(group)) continue;
    const isOr = group.alternatives.length > 1;
    const before = victims.length;
    let unwind: Unwind = 'remove';
    let done = false;
    for (const alternative of group.alternatives) {
      const outcome = considerAlternative(state, pkg, group, alternative, isOr, victims);
      if (outcome.changed) changed = true;
      if (outcome.unwind) unwind = outcome.unwind;
      if (outcome.done) done = true;
      if (outcome.done && !isOr) break;
    }
    if (isOr && victims.length === before && !marks.holds(group)) {
      if (unwind === 'keep') marker.keep(pkg);
      else if (!fixed.has(pkg)) marker.remove(pkg);
    }
    if (done && !isOr) break;
    if (marks.installed(pkg) === 0) break;
  }
  if (marks.installed(pkg) !== 0) changed = applyVictims(state, pkg, victims) || changed;
  return changed;
}

interface Outcome {
  changed: boolean;
  done: boolean;
  unwind?: Unwind;
}

const NOTHING: Outcome = { changed: false, done: false };

function considerAlternative(
  state: Repair,
  pkg: number,
  group: Group,
  alternative: Alternative,
  isOr: boolean,
  victims: Victim[],
): Outcome {
  const { marks, marker, fixed } = state;
  const { versions, packages } = alternative;
  if (versions.length === 0) {
    if (group.isNegative || fixed.has(pkg)) return NOTHING;
    return giveWay(state, pkg, isOr, null);
  }
  for (const [place, version] of versions.entries()) {
    const other = packages[place] as number;
    if (group.isNegative && marks.installed(other) !== version) continue;
    const isWeaker = scoreOf(state.scores, pkg) <= scoreOf(state.scores, other);
    if (isWeaker || (!group.isNegative && !servedBefore(marks, alternative))) {
      if (!fixed.has(pkg)) return giveWay(state, pkg, isOr, { other, alternative });
      if (upgrade(state, other)) {
        lowerTo(state.scores, other, pkg);
        return { changed: true, done: false };
      }
      continue;
    }
    if (group.kind === 'breaks' && !hitsCandidates(marks, alternative)) {
      marker.install(other);
      continue;
    }
    if (fixed.has(other) && group.isNegative) continue;
    victims.push({ pkg: other, group });
    if (!group.isNegative) break;
  }
  return NOTHING;
}

/** Whether what a package breaks is broken as a candidate, too: then an upgrade is no help. */
function hitsCandidates(marks: Marks, { versions, packages }: Alternative): boolean {
  return versions.some((version, place) => marks.candidate(packages[place] as number) === version);
}

/** What a package gives way to, and the alternative by which it needs it. */
interface Stronger {
  other: number;
  alternative: Alternative;
}

/**
 * The package is kept; if that does not help it is upgraded, else removed. In an or-group what the alternative names is
 * installed before that, if it is new.
 */
function giveWay(state: Repair, pkg: number, isOr: boolean, stronger: Stronger | null): Outcome {
  const { marks, marker } = state;
  const wasInstall = marks.mode(pkg) === 'install';
  marker.keep(pkg);
  if (!isBroken(marks, pkg)) {
    if (isOr && wasInstall) marker.install(pkg);
    return { changed: true, done: true, unwind: 'keep' };
  }
  const isMended = stronger !== null && state.mends && upgrade(state, pkg);
  if (isMended) return { changed: true, done: true };
  if (!isOr) removeFor(state, pkg, stronger);
  else if (stronger !== null) tryInstalling(state, pkg, stronger.alternative);
  return { changed: true, done: true };
}

function removeFor(
  { marker, scores, round }: Repair,
  pkg: number,
  stronger: Stronger | null,
): void {
  marker.remove(pkg);
  if (round > 1 && stronger !== null && scoreOf(scores, stronger.other) > scoreOf(scores, pkg))
    scores.set(pkg, scoreOf(scores, stronger.other));
}

/** Brings what an alternative names, with what it needs, unless more is broken then. */
function tryInstalling({ marks, marker, fixed }: Repair, pkg: number, { name }: Alternative): void {
  const { pool } = marks;
  const target = pool.find(name, pool.arch(pkg));
  if (target < 0 || pool.current(target) !== 0 || marks.candidate(target) === 0) return;
  if (marks.mode(target) === 'delete' || (fixed.has(target) && marks.installed(target) === 0))
    return;
  const broken = brokenPackages(marks).length;
  marker.install(target, { auto: true, depth: 1 });
  if (isBroken(marks, target) || brokenPackages(marks).length > broken) marker.remove(target);
}

function servedBefore({ pool }: Marks, { versions, packages }: Alternative): boolean {
  return versions.some((version, place) => pool.current(packages[place] as number) === version);
}

function lowerTo(scores: Scores, other: number, pkg: number): void {
  if (scoreOf(scores, other) > scoreOf(scores, pkg)) scores.set(other, scoreOf(scores, pkg));
}

function applyVictims(state: Repair, pkg: number, victims: readonly Victim[]): boolean {
  const { marks, marker, scores } = state;
  for (const { pkg: other, group } of victims) {
    if (marks.heldBefore(group)) marker.keep(other);
    else if (group.isNegative) marker.remove(other);
    if (state.round > 1 && scoreOf(scores, pkg) > scoreOf(scores, other))
      scores.set(other, scoreOf(scores, pkg));
  }
  return victims.length > 0;
}

/** Takes a package's candidate if all that it needs can follow by upgrades alone; otherwise nothing is changed. */
function upgrade(state: Repair, pkg: number, depth = 0): boolean {
  const { marks, marker, tried } = state;
  if (depth > DEEPEST || tried.has(pkg) || !isUpgradable(marks, pkg)) return false;
  tried.add(pkg);
  const wasKept = marks.mode(pkg) === 'keep';
  marker.install(pkg);
  const version = marks.installed(pkg);
  if (version === 0) return false;
  const succeeded = marks.groups
    .of(version)
    .every((group) => !group.isCritical || marks.holds(group) || upgradeFor(state, group, depth));
  if (succeeded) return true;
  if (wasKept) marker.keep(pkg);
  else marker.remove(pkg);
  return false;
}

function upgradeFor(state: Repair, group: Group, depth: number): boolean {
  if (group.kind === 'conflicts') return true;
  return group.alternatives.some((alternative) => {
    const pkg = likeliest(state.marks, alternative);
    return pkg !== undefined && !state.fixed.has(pkg) && upgrade(state, pkg, depth + 1);
  });
}

/** What has the name; else, if any candidate serves, of all that provide it the last that the index has. */
function likeliest(
  { candidate }: Marks,
  { versions, packages, ownCount }: Alternative,
): number | undefined {
  const serves = (version: number, place: number): boolean =>
    candidate(packages[place] as number) === version;
  const own = versions.slice(0, ownCount).findIndex(serves);
  if (own >= 0) return packages[own];
  return ownCount === 0 && versions.some(serves) ? packages.at(-1) : undefined;
}

/** There is a candidate that is new or higher than what is installed. */
function isUpgradable({ pool, candidate }: Marks, pkg: number): boolean {
  const wanted = candidate(pkg);
  const current = pool.current(pkg);
  if (wanted === 0 || wanted === current) return false;
  const versions = pool.versions(pkg);
  return current === 0 || versions.indexOf(wanted) < versions.indexOf(current);
}
