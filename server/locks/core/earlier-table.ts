import type { Labels } from '../../../proto/labels.ts';
import { type LockTable, lookUpIn } from './lock-table.ts';

/**
 * The table of an earlier lock in place of the present one. Devices that the earlier lock has no row for keep the present
 * one's; rows that no device would ask for any more are left out.
 */
export function returnTo(earlier: LockTable, present: LockTable | undefined): LockTable {
  const added = (present?.groups ?? []).flatMap(({ keys, rows }) => {
    const isServed = servedBy(earlier, keys);
    const left = rows.filter(({ labels }) => !isServed(labels));
    return left.length > 0 ? [{ keys, rows: left }] : [];
  });
  return { groups: [...earlier.groups, ...added] };
}

/** Whether a table serves all devices whose labels, reduced to these keys, are given. */
function servedBy({ groups }: LockTable, keys: readonly string[]): (labels: Labels) => boolean {
  const known = new Set(keys);
  const within = groups.filter((group) => group.keys.every((key) => known.has(key)));
  const lookUp = lookUpIn({ groups: within });
  return (labels) => lookUp(labels) !== undefined;
}
