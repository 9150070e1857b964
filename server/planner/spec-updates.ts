import type { PacketRef } from '../../proto/api.ts';
import { digestOf } from '../../proto/digest.ts';
import { JamesError } from '../../proto/errors.ts';
import type { LockedPackage } from '../../proto/lock.ts';
import type {
  PackageRef,
  SpecLockEntry,
  SpecLockView,
  SpecUpdateRow,
  SpecUpdatesView,
} from '../../proto/package-views.ts';
import { matches } from '../../proto/selector.ts';
import type { SpecEntry } from '../core/model.ts';
import { comparePackageLists, isUnchanged } from '../core/package-change.ts';
import { comparePackages } from '../core/package-lock.ts';
import { problemsOf } from '../core/plan-labelset.ts';
import { refuseUnconfirmed } from '../documents/guard.ts';
import {
  type Choice,
  choiceOf,
  type LockRow,
  lookUpIn,
  type SpecLock,
  tableDigest,
  tableKeys,
  tableOf,
} from '../locks/core/lock-table.ts';
import type { LockHistory } from '../locks/lock-history.ts';
import type { ManualLocks } from '../locks/manual-locks.ts';
import type { Packets } from '../packets/packets.ts';
import type { Fleet } from './fleet.ts';
import type { ImpactOf } from './impact.ts';

/** The lock of a spec, and what a fresh plan would choose otherwise. */
export interface SpecUpdates {
  /** The newest lock, or one of the history. Throws `not-found`. */
  lock(id: string, revision?: number): Promise<SpecLockView>;
  /** Newest first, below `before` (exclusive); none if there never was one. */
  history(id: string, page: { before?: number; limit: number }): Promise<SpecLockEntry[]>;
  /** Throws `not-found`. Nothing is written. */
  updates(id: string): Promise<SpecUpdatesView>;
  /** Takes the update: the fresh plan becomes the lock. Throws `nothing-to-promote` and `removals-unconfirmed`. */
  promote(id: string, by: Promotion): Promise<SpecUpdatesView>;
}

export interface Promotion {
  author: string;
  confirmRemovals?: number | undefined;
}

interface Proposal {
  view: SpecUpdatesView;
  rows: LockRow[];
  choices: Map<string, Choice>;
}

export function createSpecUpdates(parts: {
  fleet: Fleet;
  specOf: (id: string) => SpecEntry | undefined;
  packets: Packets;
  history: LockHistory;
  locks: ManualLocks;
  impact: ImpactOf;
  devices: () => number;
  removalPercent: number;
  /** Resolves when the newest lock is written. */
  written: () => Promise<void>;
}): SpecUpdates {
  const { fleet, packets, history, locks } = parts;

  const specNow = (id: string): SpecEntry => {
    const spec = parts.specOf(id);
    if (!spec) throw new JamesError('not-found', `There is no spec ${id}.`);
    return spec;
  };

  const propose = async (spec: SpecEntry): Promise<Proposal> => {
    const changed: SpecUpdateRow[] = [];
    const rows: LockRow[] = [];
    const choices = new Map<string, Choice>();
    const impact = await parts.impact.locks(
      spec.target,
      locks.pinsWithout(spec.id),
      (cell, before, after) => {
        const [old, next] = [choiceOf(before, spec.id), choiceOf(after, spec.id)];
        const digest = digestOf(next);
        choices.set(digest, next);
        rows.push({ labels: cell.labels, choice: digest });
        const row = {
          ...{ labels: cell.labels, devices: [...cell.members].length },
          ...{ packets: packetChanges(old, next, packets), packages: packageChanges(old, next) },
          problems: problemsOf(after),
        };
        if (row.packets.length > 0 || !isUnchanged(row.packages)) changed.push(row);
      },
    );
    const lock = locks.current(spec.id)?.digest ?? (await history.latest(spec.id))?.digest ?? '';
    const proposed = changed.length === 0 ? lock : tableDigest(tableOf(fleet.keys, rows));
    const updates = spec.updates ?? 'auto';
    return {
      view: { spec: spec.id, updates, lock, proposed, rows: changed, impact },
      rows,
      choices,
    };
  };

  return {
    async lock(id, revision) {
      await parts.written();
      const found = revision === undefined ? history.latest(id) : history.lock(id, revision);
      const lock = await found;
      const spec = parts.specOf(id);
      if (!lock) {
        if (revision !== undefined)
          throw new JamesError('not-found', `Spec ${id} has no lock ${revision}.`);
        return noLock(specNow(id));
      }
      const all = lock.groups.flatMap(({ rows }) => rows.map(({ choice }) => choice));
      const choices = await history.choices(all);
      return lockView(lock, { choices, packets, spec, devices: countDevices(fleet, spec, lock) });
    },
    async history(id, page) {
      await parts.written();
      return history.entries(id, page);
    },
    async updates(id) {
      await parts.written();
      return (await propose(specNow(id))).view;
    },
    async promote(id, { author, confirmRemovals }) {
      const spec = specNow(id);
      const { view, rows, choices } = await propose(spec);
      if (spec.updates !== 'manual')
        throw new JamesError(
          'nothing-to-promote',
          `Spec ${id} takes updates by itself (updates: auto).`,
        );
      if (view.rows.length === 0)
        throw new JamesError('nothing-to-promote', `Spec ${id} has no proposed update.`);
      refuseUnconfirmed(view.impact, {
        ...{ devices: parts.devices(), percent: parts.removalPercent },
        confirmed: confirmRemovals,
      });
      const table = tableOf(fleet.keys, rows);
      await locks.replace(spec, { table, choices, cause: 'promoted', author });
      return view;
    },
  };
}

function packetChanges(before: Choice, after: Choice, packets: Packets): SpecUpdateRow['packets'] {
  const names = new Set([...Object.keys(before.packets), ...Object.keys(after.packets)]);
  return [...names].sort().flatMap((name) => {
    const [from, to] = [before.packets[name], after.packets[name]];
    if (from === to) return [];
    return [
      {
        name,
        from: from === undefined ? null : packetRef(packets, name, from),
        to: to === undefined ? null : packetRef(packets, name, to),
      },
    ];
  });
}

function packetRef(packets: Packets, name: string, id: string): PacketRef {
  return { id, name, labels: packets.get(id)?.labels ?? {} };
}

function packageChanges(before: Choice, after: Choice) {
  const list = (choice: Choice) => ({ packages: refsOf(choice).map(lockedOf), keep: [] });
  return comparePackageLists(list(before), list(after));
}

function lockedOf(one: PackageRef): LockedPackage {
  return { ...one, auto: false, verify: true, source: null, size: 0, installedSize: 0 };
}

function refsOf({ packages }: Choice): PackageRef[] {
  return Object.entries(packages)
    .map(([key, version]) => {
      const colon = key.lastIndexOf(':');
      return { name: key.slice(0, colon), version, arch: key.slice(colon + 1) };
    })
    .sort(comparePackages);
}

function noLock(spec: SpecEntry): SpecLockView {
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
function countDevices(
  fleet: Fleet,
  spec: SpecEntry | undefined,
  lock: SpecLock,
): (labels: LockRow['labels']) => number {
  const counts = new Map<string, number>();
  const single = lock.groups.map(({ keys, rows }) => ({
    lookUp: lookUpIn({
      groups: [{ keys, rows: rows.map((row) => ({ ...row, choice: digestOf(row.labels) })) }],
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
  return (labels) => counts.get(digestOf(labels)) ?? 0;
}

function lockView(
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
