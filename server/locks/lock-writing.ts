import type { Clock } from '../../proto/clock.ts';
import type { SpecEntry } from '../core/model.ts';
import type { Events } from '../events/events.ts';
import type { NewTable } from './binding-locks.ts';
import type { SpecLock } from './core/lock-table.ts';
import type { LockHistory } from './lock-history.ts';
import type { LockRows } from './lock-rows.ts';
import { tableDigest } from './table-digest.ts';

/** Makes locks that decide: written first, then in memory, then told. */
export interface LockWriting {
  write(spec: SpecEntry, made: NewTable): Promise<SpecLock>;
  tell(lock: SpecLock, notes?: readonly string[]): void;
}

export function createLockWriting({
  history,
  clock,
  events,
  documentDigest,
  rows,
}: {
  history: LockHistory;
  clock: Clock;
  events: Pick<Events, 'add'>;
  documentDigest: (spec: SpecEntry) => string;
  rows: LockRows;
}): LockWriting {
  return {
    async write(spec, { table, choices, cause, author }) {
      const lock = await history.append(spec.id, choices, (revision) => ({
        ...table,
        ...{ spec: spec.id, revision, specRevision: spec.revision },
        ...{ document: documentDigest(spec), digest: tableDigest(table) },
        ...{ at: new Date(clock.now()).toISOString(), author, cause },
      }));
      for (const [digest, choice] of choices) rows.addChoice(digest, choice);
      rows.hold(lock);
      return lock;
    },
    tell(lock, notes = []) {
      if (lock.cause === 'held') return;
      events.add({
        kind: `lock-${lock.cause}`,
        actor: lock.author === 'server' ? 'server' : `token:${lock.author}`,
        subject: lock.spec,
        detail: [`lock ${lock.revision} of revision ${lock.specRevision}`, ...notes].join(': '),
      });
    },
  };
}
