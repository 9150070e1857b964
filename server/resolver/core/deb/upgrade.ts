import { inCacheOrder } from './cache-order.ts';
import { brokenPackages, type Marker } from './marker.ts';
import { isNewlyBroken, type Marks } from './marks.ts';
import { byScore, repair } from './repair.ts';
import { scoresOf } from './scores.ts';

const installedInOrder = ({ pool }: Marks): number[] => inCacheOrder(pool, pool.installed());

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
    for (const pkg of inCacheOrder(marks.pool, marks.touched()))
      if (isGoing(pkg)) marker.install(pkg, { auto: true });
  for (const pkg of marks.touched()) if (marks.mode(pkg) === 'delete') marker.keep(pkg);
  return repairByKeeping(marker, additions ? fixed : chosen);
}

/** Puts back what lacks something that it did not lack before, or what is in its way, until nothing does. */
function repairByKeeping(marker: Marker, fixed: ReadonlySet<number>): boolean {
  const { marks } = marker;
  const isBad = (pkg: number): boolean => marks.installed(pkg) !== 0 && isNewlyBroken(marks, pkg);
  const order = byScore(
    marks,
    scoresOf(marks, (pkg) => fixed.has(pkg)),
  );
  let lastStop = -1;
  for (let place = 0; place < order.length; place += 1) {
    const pkg = order[place] as number;
    if (!isBad(pkg)) continue;
    if (!fixed.has(pkg)) {
      marker.keep(pkg);
      if (!isBad(pkg)) {
        place = -1;
        continue;
      }
    }
    keepTargets(marker, pkg, fixed.has(pkg), isBad);
    if (isBad(pkg)) continue;
    if (place === lastStop) return false;
    lastStop = place;
    place = -1;
  }
  return brokenPackages(marks).length === 0;
}

/** Keeps what the broken relations of a package name, one after the other, until it lacks nothing. */
function keepTargets(
  marker: Marker,
  pkg: number,
  isFixed: boolean,
  isBad: (pkg: number) => boolean,
): void {
  const { marks } = marker;
  for (const group of marks.groups.of(marks.installed(pkg))) {
    if (!group.isCritical || marks.holds(group)) continue;
    for (const { packages } of group.alternatives)
      for (const other of packages) {
        if (marks.installed(other) === 0 || marks.pool.current(other) === 0) continue;
        if (!isFixed) marker.keep(other);
        if (!isBad(pkg)) return;
      }
  }
}
