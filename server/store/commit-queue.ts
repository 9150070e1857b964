import type { Database, DatabaseOperation } from './database.ts';
import { decodeEntry, encodeValue } from './entry-encoding.ts';
import { type Expectation, type Operation, StaleError } from './store.ts';

/** Where the newest sequence number stands. Keys that begin with NUL belong to the store alone. */
export const SEQUENCE_KEY = '\u0000sequence';

/** Operations that are written together at most, unless one batch alone has more. */
const MAX_GROUP = 10_000;

interface Pending {
  operations: readonly Operation[];
  expect: readonly Expectation[];
  done: (sequence: number) => void;
  failed: (error: unknown) => void;
}

/** A batch that was checked and has its number, on its way to the disk. */
interface Numbered extends Pending {
  sequence: number;
}

export interface CommitQueueOptions {
  database: Database;
  /** The newest sequence number on disk. */
  sequence: number;
  /** Writes all operations durably or throws. */
  write: (operations: DatabaseOperation[]) => Promise<void>;
  /** Called for each batch after it is durable, in order. */
  committed: (keys: readonly string[], sequence: number) => void;
}

export interface CommitQueue {
  /** As `Store.batch`. */
  add(operations: readonly Operation[], expect: readonly Expectation[]): Promise<number>;
  sequence(): number;
  /** Resolves when nothing is waiting or being written. */
  idle(): Promise<void>;
}

/**
 * Group commit: batches that arrive while one is being written are written together next, with one `fsync`. Each keeps
 * its own sequence number and expectations; one whose expectation fails is left out and rejected alone.
 */
export function createCommitQueue(options: CommitQueueOptions): CommitQueue {
  let pending: Pending[] = [];
  let running: Promise<void> | null = null;
  let sequence = options.sequence;

  async function drain(): Promise<void> {
    while (pending.length > 0) {
      const group = takeGroup(pending);
      pending = pending.slice(group.length);
      await commit(group);
    }
    running = null;
  }

  async function commit(group: readonly Pending[]): Promise<void> {
    let accepted: Numbered[] = [];
    try {
      accepted = number(group, await revisionsOf(options.database, group), sequence);
      const last = accepted.at(-1);
      if (!last) return;
      await options.write(toDatabase(accepted, last.sequence));
      sequence = last.sequence;
    } catch (error) {
      for (const batch of group) batch.failed(error);
      return;
    }
    for (const batch of accepted) {
      options.committed(batch.operations.map(keyOf), batch.sequence);
      batch.done(batch.sequence);
    }
  }

  return {
    add(operations, expect) {
      return new Promise<number>((done, failed) => {
        pending.push({ operations, expect, done, failed });
        running ??= Promise.resolve().then(drain);
      });
    },
    sequence: () => sequence,
    idle: async () => {
      while (running !== null) await running;
    },
  };
}

function takeGroup(pending: readonly Pending[]): Pending[] {
  let size = 0;
  let count = 0;
  for (const batch of pending) {
    size += batch.operations.length;
    if (count > 0 && size > MAX_GROUP) break;
    count += 1;
  }
  return pending.slice(0, count);
}

/** The present revision of every key that some batch expects something of; 0 if it does not exist. */
async function revisionsOf(
  database: Database,
  group: readonly Pending[],
): Promise<Map<string, number>> {
  const keys = [...new Set(group.flatMap((batch) => batch.expect.map(({ key }) => key)))];
  if (keys.length === 0) return new Map();
  const values = await database.getMany(keys);
  return new Map(
    keys.map((key, index) => {
      const value = values[index];
      return [key, value === undefined ? 0 : decodeEntry(key, value).revision];
    }),
  );
}

/** Checks each batch against what those before it leave; rejects the stale ones and numbers the others. */
function number(
  group: readonly Pending[],
  revisions: Map<string, number>,
  sequence: number,
): Numbered[] {
  const accepted: Numbered[] = [];
  for (const batch of group) {
    const stale = batch.expect.find(({ key, revision }) => revisions.get(key) !== revision);
    if (stale) {
      batch.failed(new StaleError(stale.key));
      continue;
    }
    const own = sequence + accepted.length + 1;
    for (const operation of batch.operations) {
      revisions.set(keyOf(operation), 'put' in operation ? own : 0);
    }
    accepted.push({ ...batch, sequence: own });
  }
  return accepted;
}

function toDatabase(accepted: readonly Numbered[], last: number): DatabaseOperation[] {
  const operations: DatabaseOperation[] = [];
  for (const batch of accepted) {
    for (const operation of batch.operations) {
      if ('put' in operation) {
        const value = encodeValue(batch.sequence, operation.value);
        operations.push({ type: 'put', key: operation.put, value });
      } else operations.push({ type: 'del', key: operation.delete });
    }
  }
  operations.push({ type: 'put', key: SEQUENCE_KEY, value: String(last) });
  return operations;
}

function keyOf(operation: Operation): string {
  return 'put' in operation ? operation.put : operation.delete;
}
