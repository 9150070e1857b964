import { brokenPackages, createMarker, type Limits, type Marker } from './marker.ts';
import { createMarks, type Marks } from './marks.ts';
import { repair } from './repair.ts';
import { markedFirst, type Session } from './session.ts';
import { upgradeAll, upgradeWithoutRemovals } from './upgrade.ts';

/**
 * apt's classic walk: all wants are marked, then what they need, in the order of the request; then upgrades, then repair.
 * Gives the marks, whether or not the result is whole.
 */
export function walk(session: Session): Marks {
  const { pool, groups, request, candidates, follow } = session;
  const auto = new Set(
    request.installed
      .filter((one) => one.auto)
      .map(({ name, arch }) => pool.find(name, arch === 'all' ? pool.native : arch)),
  );
  const marks = createMarks({ pool, groups, candidates, auto, follow });
  const marker = createMarker(marks, limitsOf(session, marks));
  const fixed = markRequest(session, marker);
  if (!request.prerequisites) return marks;
  if (request.upgrade === 'all') {
    if (!request.remove || request.additions === false)
      upgradeWithoutRemovals(marker, fixed, request.additions !== false);
    else upgradeAll(marker, fixed, session.essential);
  } else if (brokenPackages(marks).length > 0) repair(marker, fixed, true);
  return marks;
}

function limitsOf({ pool, request }: Session, marks: Marks): Limits {
  return {
    mayRemove: (pkg) => {
      if (request.removals?.length) return true;
      return request.remove && (request.removeManual !== false || marks.isAuto(pkg));
    },
    mayAdd: (pkg) => request.additions !== false || pool.current(pkg) !== 0,
  };
}

/**
 * Removals first, then wants, then what wants need; all of them stay as decided. Essential packages are like wants, but
 * come after upgrades where everything is upgraded.
 */
function markRequest(session: Session, marker: Marker): Set<number> {
  const { request, removals } = session;
  const essential = request.upgrade === 'all' ? [] : session.essential;
  const { marks } = marker;
  const fixed = new Set<number>();
  const fix = (pkg: number): void => {
    fixed.add(pkg);
    marks.setProtected(pkg, true);
  };
  for (const pkg of removals) {
    marker.remove(pkg, true);
    fix(pkg);
  }
  const all = markedFirst({ ...session, essential });
  for (const pkg of all) {
    marker.install(pkg, { byUser: true });
    fix(pkg);
  }
  if (!request.prerequisites) return fixed;
  for (const pkg of all) marker.install(pkg, { auto: true, byUser: true });
  return fixed;
}
