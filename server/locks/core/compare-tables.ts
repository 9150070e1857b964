import { type Labels, labelsKey, reduceLabels } from '../../../proto/labels.ts';
import { type LockTable, lookUpIn } from './lock-table.ts';

/** Devices that two tables may serve differently, with the digest of what each chose; undefined: it has no row for them. */
export interface ComparedRow {
  labels: Labels;
  from: string | undefined;
  to: string | undefined;
}

/**
 * The rows of two tables beside each other, where they differ; of rows of different keys, the finer ones. Rows that are
 * more general than rows of the other table, and are told apart by those, are left out.
 */
export function compareTables(before: LockTable, after: LockTable): ComparedRow[] {
  const [lookUpBefore, lookUpAfter] = [lookUpIn(before), lookUpIn(after)];
  const seen = new Set<string>();
  const found: ComparedRow[] = [];
  for (const [table, other] of [[after, before] as const, [before, after] as const]) {
    for (const { keys, rows } of table.groups) {
      const isDivided = dividedBy(other, keys);
      for (const { labels } of rows) {
        const key = labelsKey(labels);
        if (seen.has(key)) continue;
        seen.add(key);
        const [from, to] = [lookUpBefore(labels), lookUpAfter(labels)];
        if (from === to) continue;
        if ((from === undefined || to === undefined) && isDivided(labels)) continue;
        found.push({ labels, from, to });
      }
    }
  }
  return found;
}

/** Whether a table has rows for some of the devices whose labels, reduced to these keys, are given. */
function dividedBy({ groups }: LockTable, keys: readonly string[]): (labels: Labels) => boolean {
  const set = new Set(keys);
  const general = new Set(
    groups
      .filter((group) => keys.every((key) => group.keys.includes(key)))
      .flatMap(({ rows }) => rows.map(({ labels }) => labelsKey(reduceLabels(labels, set)))),
  );
  return (labels) => general.has(labelsKey(labels));
}
