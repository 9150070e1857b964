import { brokenPackages, type Marker } from './marker.ts';
import { isBroken, type Marks } from './marks.ts';
import { byScore, repair } from './repair.ts';
import { scoresOf } from './scores.ts';

/** Installed packages in the order of apt's cache. */
function installedInOrder({ pool }: Marks): number[] {
  return [...pool.installed()].sort((a, b) => pool.order(a) - pool.order(b));
}

/**
 * Everything installed goes to its candidate; essential packages that are there for no architecture come; new packages
 * come and old ones go as needed, held ones stay. True if nothing is broken at the end.
 */
export function upgradeAll(
  marker: Marker,
  fixed: ReadonlySet<number>,
  essential: readonly number[],
): boolean {
  const { marks } = marker;
  const { pool } = marks;
  const installed = installedInOrder(marks);
  for (const pkg of installed) marker.install(pkg, { auto: true });
  const isThere = (name: string): boolean =>
    pool.group(name).some((one) => marks.installed(one) !== 0);
  for (const pkg of essential) if (!isThere(pool.name(pkg))) marker.install(pkg, { auto: true });
  for (const pkg of installed) marker.install(pkg);
  const held = installed.filter((pkg) => marks.pool.isHeld(pkg));
  for (const pkg of held) marker.keep(pkg);
  return repair(marker, new Set([...fixed, ...held]), false);
}

/**
 * Everything installed goes to its candidate where that is possible without removals; with `additions` new packages may
 * come for it. What cannot go stays.
 */
export function upgradeWithoutRemovals(
  marker: Marker,
  fixed: ReadonlySet<number>,
  additions: boolean,
): boolean {
  const { marks } = marker;
  const installed = installedInOrder(marks).filter((pkg) => !marks.pool.isHeld(pkg));
  const isGoing = (pkg: number): boolean => marks.mode(pkg) === 'install';
  const chosen = new Set([...fixed, ...marks.touched().filter(isGoing)]);
  for (const pkg of installed) if (marks.installed(pkg) !== 0) marker.install(pkg);
  if (additions)
    for (const pkg of marks.touched().filter(isGoing)) marker.install(pkg, { auto: true });
  for (const pkg of marks.touched()) if (marks.mode(pkg) === 'delete') marker.keep(pkg);
  return repairByKeeping(marker, additions ? fixed : chosen);
}

/** Puts back what is broken, and what breaks it, until nothing is. */
function repairByKeeping(marker: Marker, fixed: ReadonlySet<number>): boolean {
  const { marks } = marker;
  const order = byScore(
    marks,
    scoresOf(marks, (pkg) => fixed.has(pkg)),
  );
  let lastStop = -1;
  for (let place = 0; place < order.length; ) {
    const pkg = order[place] as number;
    if (!isBroken(marks, pkg)) {
      place += 1;
      continue;
    }
    if (!fixed.has(pkg)) marker.keep(pkg);
    if (isBroken(marks, pkg)) keepTargets(marker, pkg);
    if (isBroken(marks, pkg)) place += 1;
    else if (place === lastStop) return false;
    else {
      lastStop = place;
      place = 0;
    }
  }
  return brokenPackages(marks).length === 0;
}

/** Keeps what the broken relations of a package name. */
function keepTargets(marker: Marker, pkg: number): void {
  const { marks } = marker;
  for (const group of marks.groups.of(marks.installed(pkg))) {
    if (!group.isCritical || marks.holds(group)) continue;
    for (const { packages } of group.alternatives)
      for (const other of packages) {
        if (marks.installed(other) === 0 || marks.pool.current(other) === 0) continue;
        marker.keep(other);
        if (!isBroken(marks, pkg)) return;
      }
  }
}
