import type { Group } from './groups.ts';
import type { InstallOptions, Marker } from './marker.ts';
import type { Marks } from './marks.ts';
import { solutionsOf } from './providers-order.ts';

/** What a package's relations ask for, once it is to be installed. */
export interface Work {
  /** Null: all of the version's, as they stand when their turn comes. */
  needs: Group[] | null;
  version: number;
  forbids: readonly Group[];
  /** Installed packages whose present version is in the way, but not their candidate, or that the new version leaves behind. */
  upgrades: number[];
  /** Packages that have to go, once all else has worked. */
  removals: number[];
}

/** Relations that do not hold yet; of a protected package all, so that protection can spread. */
export function collect(marks: Marks, version: number, isProtected: boolean): Work {
  const rest = { version, upgrades: [], removals: [] };
  if (isProtected) return { ...rest, forbids: marks.groups.negativesOf(version), needs: null };
  const forbids: Group[] = [];
  const needs: Group[] = [];
  for (const group of marks.missing(version)) (group.isNegative ? forbids : needs).push(group);
  return { ...rest, forbids, needs };
}

/** First of all, what conflicts: candidates that were to come stay away, what is there goes up or goes. */
export function clearTheWay(
  marker: Marker,
  pkg: number,
  work: Work,
  options: InstallOptions,
): boolean {
  const goesOn = marker.marks.isProtected(pkg) || options.byUser;
  let failed = false;
  for (const group of work.forbids) {
    if (!clearGroup(marker, pkg, group, work, options)) failed = true;
    if (failed && !goesOn) return false;
  }
  return !failed;
}

function clearGroup(
  marker: Marker,
  pkg: number,
  group: Group,
  work: Work,
  options: InstallOptions,
): boolean {
  const { marks } = marker;
  const { pool } = marks;
  const spreads = marks.isProtected(pkg);
  const badCandidates = new Set<number>();
  let cleared = true;
  for (const version of solutionsOf(marks, group, 'candidate')) {
    const other = pool.packageOf(version);
    if (marks.candidate(other) !== version) continue;
    const done =
      pool.current(other) === version
        ? removeLater(marker, other, spreads, work)
        : stayAway(marker, other, spreads, badCandidates);
    if (!done) cleared = false;
    if (!done && !spreads && !options.byUser) return false;
  }
  for (const version of solutionsOf(marks, group, 'installed')) {
    const other = pool.packageOf(version);
    const candidate = marks.candidate(other);
    if (candidate !== version && candidate !== 0 && !badCandidates.has(other))
      work.upgrades.push(other);
    else if (candidate !== version && !removeLater(marker, other, spreads, work)) cleared = false;
    if (!cleared && !spreads && !options.byUser) return false;
  }
  return cleared;
}

/** The candidate must not come. Protection makes that final. */
function stayAway(marker: Marker, other: number, spreads: boolean, bad: Set<number>): boolean {
  const { marks } = marker;
  if (marks.mode(other) === 'install' && !marker.keep(other)) return false;
  if (!spreads) bad.add(other);
  else {
    marks.setCandidate(other, marks.installed(other));
    if (marks.pool.current(other) === 0) marks.setProtected(other, true);
  }
  return true;
}

function removeLater(marker: Marker, other: number, spreads: boolean, work: Work): boolean {
  const { marks } = marker;
  if (!spreads) {
    if (marks.mode(other) === 'delete') return true;
    if (!marker.mayChange(other, 'delete', false) || !marker.mayRemove(other, false)) return false;
    work.removals.push(other);
    return true;
  }
  if (marks.mode(other) !== 'delete' && !marker.remove(other)) return false;
  marks.setCandidate(other, marks.installed(other));
  marks.setProtected(other, true);
  return true;
}
