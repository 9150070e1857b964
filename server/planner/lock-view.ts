import type { SpecLockView } from '../../proto/package-views.ts';
import { matches } from '../../proto/selector.ts';
import type { SpecEntry } from '../core/model.ts';
import {
  type Choice,
  type LockRow,
  type LockTable,
  lookUpIn,
  type SpecLock,
  tableKeys,
  tableOf,
} from '../locks/core/lock-table.ts';
import { tableDigest } from '../locks/table-digest.ts';
import type { Packets } from '../packets/packets.ts';
import { nativeDigestOf } from '../system/native-digest.ts';
import { packetRef, refsOf } from './choice-changes.ts';
import type { Fleet } from './fleet.ts';

/** The answer for a spec that has no lock yet. */
export function noLock(spec: SpecEntry): SpecLockView {
  const updates = spec.updates ?? 'auto';
  return {
    ...{
      spec: spec.id,
      revision: 0,
      specRevision: spec.revision,
      digest: tableDigest(tableOf([], [])),
    },
    ...{ at: null, author: 'server', cause: 'planned', updates, keys: [], rows: [] },
  };
}

/** How many devices each row serves now. */
export function countDevices(
  fleet: Fleet,
  spec: SpecEntry | undefined,
  lock: LockTable,
): (labels: LockRow['labels']) => number {
  const counts = new Map<string, number>();
  const single = lock.groups.map(({ keys, rows }) => ({
    lookUp: lookUpIn({
      groups: [{ keys, rows: rows.map((row) => ({ ...row, choice: nativeDigestOf(row.labels) })) }],
    }),
  }));
  for (const { labels, members } of spec ? fleet.labelsets() : []) {
    if (!spec || !matches(spec.target, labels)) continue;
    for (const { lookUp } of single) {
      const key = lookUp(labels);
      if (key === undefined) continue;
      counts.set(key, (counts.get(key) ?? 0) + members.size);
      break;
    }
  }
  return (labels) => counts.get(nativeDigestOf(labels)) ?? 0;
}

/** A lock as answers show it. `devices`: how many each row serves. */
export function lockView(
  lock: SpecLock,
  {
    choices,
    packets,
    spec,
    devices,
  }: {
    choices: ReadonlyMap<string, Choice>;
    packets: Packets;
    spec: SpecEntry | undefined;
    devices: (labels: LockRow['labels']) => number;
  },
): SpecLockView {
  const { revision, specRevision, digest, at, author, cause } = lock;
  const rows = lock.groups.flatMap((group) => group.rows);
  return {
    ...{ spec: lock.spec, revision, specRevision, digest, at, author, cause },
    updates: spec?.updates ?? 'auto',
    keys: tableKeys(lock),
    rows: rows.map(({ labels, choice }) => {
      const chosen = choices.get(choice) ?? { packets: {}, packages: {} };
      const named = Object.entries(chosen.packets).map(
        ([name, id]) => [name, packetRef(packets, name, id)] as const,
      );
      return {
        ...{ labels, devices: devices(labels) },
        packets: Object.fromEntries(named),
        packages: refsOf(chosen),
      };
    }),
  };
}
