import { JamesError } from '../../proto/errors.ts';
import { type Labels, labelsKey, reduceLabels } from '../../proto/labels.ts';
import type { SpecLockDiff, SpecLockDiffRow } from '../../proto/package-views.ts';
import { matches } from '../../proto/selector.ts';
import type { SpecEntry } from '../core/model.ts';
import { type ComparedRow, compareTables } from '../locks/core/compare-tables.ts';
import { type Choice, type LockTable, lookUpIn, type SpecLock } from '../locks/core/lock-table.ts';
import { entryOf, type LockHistory } from '../locks/lock-history.ts';
import type { Packets } from '../packets/packets.ts';
import { packageChanges, packetChanges } from './choice-changes.ts';
import type { Fleet } from './fleet.ts';

interface DiffParts {
  fleet: Fleet;
  packets: Packets;
  history: LockHistory;
  /** As it is now; undefined: it is deleted. */
  spec: SpecEntry | undefined;
}

/**
 * What lock `to` of a spec (the newest) chose otherwise than lock `from` (the one before `to`), per row. Throws
 * `not-found`.
 */
export async function diffLocks(
  id: string,
  revisions: { from?: number; to?: number },
  { fleet, packets, history, spec }: DiffParts,
): Promise<SpecLockDiff> {
  const [before, after] = await findLocks(id, revisions, history);
  const rows = before.digest === after.digest ? [] : compareTables(before, after);
  const choices = await history.choices(
    rows.flatMap(({ from, to }) => [from ?? [], to ?? []].flat()),
  );
  const devices = countDevices(rows, { fleet, spec, before, after });
  return {
    spec: id,
    from: entryOf(before),
    to: entryOf(after),
    rows: rows.map((row): SpecLockDiffRow => {
      const { labels, from, to } = row;
      const [old, next] = [choices.get(from ?? '') ?? nothing, choices.get(to ?? '') ?? nothing];
      return {
        ...{ labels, devices: devices.get(row) ?? 0, change: changeOf({ from, to }) },
        ...{ packets: packetChanges(old, next, packets), packages: packageChanges(old, next) },
      };
    }),
  };
}

const nothing: Choice = { packets: {}, packages: {} };

function changeOf({ from, to }: Pick<ComparedRow, 'from' | 'to'>): SpecLockDiffRow['change'] {
  if (from === undefined) return 'added';
  return to === undefined ? 'removed' : 'changed';
}

async function findLocks(
  id: string,
  { from, to }: { from?: number; to?: number },
  history: LockHistory,
): Promise<[SpecLock, SpecLock]> {
  const lockOf = async (revision: number): Promise<SpecLock> => {
    const lock = await history.lock(id, revision);
    if (!lock) throw new JamesError('not-found', `Spec ${id} has no lock ${revision}.`);
    return lock;
  };
  const after = to === undefined ? await history.latest(id) : await lockOf(to);
  if (!after) throw new JamesError('not-found', `There never was a lock of spec ${id}.`);
  if (from !== undefined) return [await lockOf(from), after];
  const [entry] = await history.entries(id, { before: after.revision, limit: 1 });
  if (!entry)
    throw new JamesError('not-found', `Spec ${id} has no lock before lock ${after.revision}.`);
  return [await lockOf(entry.revision), after];
}

/** How many devices each row is about now. */
function countDevices(
  rows: readonly ComparedRow[],
  { fleet, spec, before, after }: Pick<DiffParts, 'fleet' | 'spec'> & Compared,
): ReadonlyMap<ComparedRow, number> {
  const counts = new Map<ComparedRow, number>();
  if (!spec || rows.length === 0) return counts;
  const [from, to] = [lookUpIn(before), lookUpIn(after)];
  const rowOf = indexRows(rows);
  for (const { labels, members } of fleet.labelsets()) {
    if (!matches(spec.target, labels)) continue;
    const row = rowOf(labels, from(labels), to(labels));
    if (row) counts.set(row, (counts.get(row) ?? 0) + members.size);
  }
  return counts;
}

interface Compared {
  before: LockTable;
  after: LockTable;
}

function indexRows(rows: readonly ComparedRow[]) {
  const keyOf = (labels: Labels, from: string | undefined, to: string | undefined): string =>
    [labelsKey(labels), from, to].join('\n');
  const byKeys = new Map<string, { keys: Set<string>; rows: Map<string, ComparedRow> }>();
  for (const row of rows) {
    const name = row.keys.join('\n');
    const group = byKeys.get(name) ?? { keys: new Set(row.keys), rows: new Map() };
    byKeys.set(name, group);
    group.rows.set(keyOf(row.labels, row.from, row.to), row);
  }
  return (labels: Labels, from: string | undefined, to: string | undefined) => {
    for (const { keys, rows: some } of byKeys.values()) {
      const row = some.get(keyOf(reduceLabels(labels, keys), from, to));
      if (row) return row;
    }
    return undefined;
  };
}
