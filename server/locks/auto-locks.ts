import type { Clock } from '../../proto/clock.ts';
import { digestOf } from '../../proto/digest.ts';
import type { Log } from '../../proto/log.ts';
import type { SpecEntry } from '../core/model.ts';
import type { Events } from '../events/events.ts';
import {
  type Choice,
  countRows,
  type LockRow,
  lookUpIn,
  type SpecLock,
  tableDigest,
  tableOf,
} from './core/lock-table.ts';
import type { LockHistory } from './lock-history.ts';
import { createDocumentDigest } from './manual-locks.ts';

/** What a spec chose for one labelset, as it stands. */
export interface Chosen {
  labels: LockRow['labels'];
  choice: Choice;
}

/**
 * Writes down the locks of specs that take updates by themselves, in the background: nothing waits for them. Marks that
 * come close together make one lock.
 */
export interface AutoLocks {
  /** Specs whose devices were planned anew. */
  mark(specs: Iterable<string>): void;
  /** Writes what is marked now; resolves when it is durable. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

/** What comes within this time makes one lock, in ms. */
const GATHER_MS = 5_000;

/** `chosen` gives what a spec chose for its labelsets now, `keys` the label keys that count. */
export function createAutoLocks({
  history,
  specOf,
  chosen,
  keys,
  clock,
  events,
  log,
}: {
  history: LockHistory;
  specOf: (id: string) => SpecEntry | undefined;
  chosen: (spec: SpecEntry) => AsyncIterable<Chosen>;
  keys: () => Iterable<string>;
  clock: Clock;
  events: Pick<Events, 'add'>;
  log: Log;
}): AutoLocks {
  const documentDigest = createDocumentDigest();
  let marked = new Set<string>();
  let armed: (() => void) | null = null;
  let last: Promise<void> = Promise.resolve();
  let stopped = false;

  const tableOfSpec = async (spec: SpecEntry) => {
    const rows: LockRow[] = [];
    const choices = new Map<string, Choice>();
    for await (const { labels, choice } of chosen(spec)) {
      const digest = digestOf(choice);
      choices.set(digest, choice);
      rows.push({ labels, choice: digest });
    }
    return { table: tableOf(keys(), rows), choices };
  };

  const renew = async (id: string): Promise<void> => {
    const spec = specOf(id);
    if (!spec || spec.updates === 'manual') return;
    const former = await history.latest(id);
    const { table, choices } = await tableOfSpec(spec);
    const digest = tableDigest(table);
    if (countRows(table) === 0) return;
    if (former?.digest === digest && former.specRevision === spec.revision) return;
    const known = former ? lookUpIn(former) : () => undefined;
    const changes = (row: LockRow): boolean => (known(row.labels) ?? row.choice) !== row.choice;
    const renewed =
      former?.specRevision === spec.revision && table.groups.some(({ rows }) => rows.some(changes));
    const lock: SpecLock = {
      ...table,
      ...{ spec: id, revision: (former?.revision ?? 0) + 1, specRevision: spec.revision },
      ...{ document: documentDigest(spec), digest, at: new Date(clock.now()).toISOString() },
      ...{ author: 'server', cause: renewed ? 'renewed' : 'planned' },
    };
    await history.write([lock], choices);
    if (renewed)
      events.add({
        ...{ kind: 'lock-renewed', actor: 'server', subject: id },
        detail: `lock ${lock.revision} of revision ${spec.revision}`,
      });
  };

  const work = async (): Promise<void> => {
    const ids = [...marked].sort();
    marked = new Set();
    for (const id of ids) {
      if (stopped) return;
      await renew(id).catch((error) =>
        log.error({ err: error, spec: id }, 'The lock of a spec was not written; devices have it.'),
      );
    }
  };

  const flush = (): Promise<void> => {
    armed?.();
    armed = null;
    last = last.then(work);
    return last;
  };

  return {
    mark(ids) {
      for (const id of ids) marked.add(id);
      if (marked.size === 0 || armed || stopped) return;
      armed = clock.after(GATHER_MS, () => void flush());
    },
    flush,
    async stop() {
      stopped = true;
      armed?.();
      armed = null;
      await last;
    },
  };
}
