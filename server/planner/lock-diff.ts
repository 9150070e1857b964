import { JamesError } from '../../proto/errors.ts';
import type { SpecLockDiff, SpecLockDiffRow } from '../../proto/package-views.ts';
import type { SpecEntry } from '../core/model.ts';
import { type ComparedRow, compareTables } from '../locks/core/compare-tables.ts';
import type { Choice, LockTable, SpecLock } from '../locks/core/lock-table.ts';
import { entryOf, type LockHistory } from '../locks/lock-history.ts';
import type { Packets } from '../packets/packets.ts';
import { packageChanges, packetChanges } from './choice-changes.ts';
import type { Fleet } from './fleet.ts';
import { countDevices } from './lock-view.ts';

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
  const rows = compareTables(before, after);
  const choices = await history.choices(
    rows.flatMap(({ from, to }) => [from ?? [], to ?? []].flat()),
  );
  const devices = countDevices(fleet, spec, finestFirst(before, after));
  return {
    spec: id,
    from: entryOf(before),
    to: entryOf(after),
    rows: rows.map(({ labels, from, to }): SpecLockDiffRow => {
      const [old, next] = [choices.get(from ?? '') ?? nothing, choices.get(to ?? '') ?? nothing];
      return {
        ...{ labels, devices: devices(labels), change: changeOf({ from, to }) },
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

/** The rows of both, so that a device counts for the row that says most about it. */
function finestFirst(before: LockTable, after: LockTable): LockTable {
  const groups = [...after.groups, ...before.groups];
  return { groups: groups.sort((a, b) => b.keys.length - a.keys.length) };
}
