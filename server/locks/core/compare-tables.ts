import { type Labels, labelsKey, reduceLabels } from '../../../proto/labels.ts';
import { type LockGroup, type LockRow, type LockTable, lookUpIn } from './lock-table.ts';

/** Devices that two tables serve differently, with the digest of what each chose; undefined: it has no row for them. */
export interface ComparedRow {
  /** That the rows of both tell devices apart by. */
  keys: readonly string[];
  labels: Labels;
  from: string | undefined;
  to: string | undefined;
}

/**
 * What two tables say differently: a row of one beside each row of the other that serves some of the same devices. A row
 * that shares no device with any of the other table stands alone.
 */
export function compareTables(before: LockTable, after: LockTable): ComparedRow[] {
  const met = new Set<LockRow>();
  const found: ComparedRow[] = [];
  for (const [place, old] of before.groups.entries())
    for (const [other, next] of after.groups.entries()) {
      const keys = [...new Set([...old.keys, ...next.keys])].sort();
      const isHidden = [hiddenBy(before, place, keys), hiddenBy(after, other, keys)];
      for (const [from, to] of pairs(old, next)) {
        met.add(from).add(to);
        const labels = { ...from.labels, ...to.labels };
        if (from.choice === to.choice || isHidden.some((one) => one(labels))) continue;
        found.push({ keys, labels, from: from.choice, to: to.choice });
      }
    }
  const alone = ({ groups }: LockTable) =>
    groups.flatMap(({ keys, rows }) =>
      rows.filter((row) => !met.has(row)).map(({ labels, choice }) => ({ keys, labels, choice })),
    );
  for (const { choice, ...row } of alone(after))
    found.push({ ...row, from: undefined, to: choice });
  for (const { choice, ...row } of alone(before))
    found.push({ ...row, from: choice, to: undefined });
  return found;
}

/** The rows of two groups that agree in the keys of both. */
function pairs(a: LockGroup, b: LockGroup): [LockRow, LockRow][] {
  const shared = new Set(a.keys.filter((key) => b.keys.includes(key)));
  const keyOf = ({ labels }: LockRow): string => labelsKey(reduceLabels(labels, shared));
  const index = new Map<string, LockRow[]>();
  for (const row of b.rows) {
    const same = index.get(keyOf(row)) ?? [];
    index.set(keyOf(row), same);
    same.push(row);
  }
  return a.rows.flatMap((row) =>
    (index.get(keyOf(row)) ?? []).map((other): [LockRow, LockRow] => [row, other]),
  );
}

/** Whether a group before the one at `place` serves all devices whose labels, reduced to these keys, are given. */
function hiddenBy({ groups }: LockTable, place: number, keys: readonly string[]) {
  const former = groups
    .slice(0, place)
    .filter((group) => group.keys.every((key) => keys.includes(key)));
  const lookUp = lookUpIn({ groups: former });
  return (labels: Labels): boolean => lookUp(labels) !== undefined;
}
