import type { Group } from '../groups.ts';
import type { Marks } from '../marks.ts';
import type { Session } from '../session.ts';
import { LEVEL } from './levels.ts';

/**
 * How firmly apt 3 follows a Recommends: of a new package as it can; of an installed one not if its like was there before
 * and nobody served it. An upgrade of all must not lose what was served, and one without removals or new packages must have
 * what the new version adds. Null: a must; undefined: passed over.
 */
export function weakLevelOf(
  { pool, groups, request }: Session,
  marks: Marks,
  version: number,
  group: Group,
): number | null | undefined {
  if (!marks.isWanted(version, group)) return undefined;
  const current = pool.current(pool.packageOf(version));
  if (current === 0) return LEVEL.recommends;
  const target = group.alternatives[0]?.name;
  const wasThere = groups
    .of(current)
    .some((one) => !one.isCritical && one.alternatives.some(({ name }) => name === target));
  const isServed = marks.heldBefore(group);
  if (wasThere && !isServed) return undefined;
  if (request.upgrade !== 'all') return LEVEL.recommends;
  if (wasThere) return null;
  const isFree = request.remove && request.additions !== false;
  return isFree || version === current ? LEVEL.recommends : null;
}
