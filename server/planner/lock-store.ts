import { JamesError } from '../../proto/errors.ts';
import { joinLock } from '../core/package-lock.ts';
import type { LockText } from '../core/package-model.ts';
import { keys, lastPart, prefixes } from '../store/keys.ts';
import { prefixRange, type Store } from '../store/store.ts';
import { decodeLockRecord, encodeLockRecord } from './core/lock-record.ts';
import { createLockLines } from './lock-lines.ts';

/**
 * The locks of devices, each stored once by its digest, and each line of a package once for all locks. Memory holds the
 * digests and the lines.
 */
export interface LockStore {
  load(): Promise<void>;
  /** Keeps a lock; it is durable after the next `flush`. */
  keep(lock: LockText): Promise<void>;
  /** Writes what waits. */
  flush(): Promise<void>;
  text(digest: string): Promise<string | undefined>;
  /** Removes all locks but these, and sometimes the lines that no lock has any more. */
  collect(used: ReadonlySet<string>): Promise<void>;
}

const BATCH = 1000;
/** So many bytes of locks are written in one batch. */
const BATCH_BYTES = 4 * 1024 * 1024;
/** As many lines more than after the last sweep are not worth the next. */
const SPARE_LINES = 1000;

export function createLockStore(store: Store): LockStore {
  const lines = createLockLines(store);
  const stored = new Set<string>();
  let waiting: { digest: string; record: string }[] = [];
  let bytes = 0;
  let kept = 0;
  let swept = 0;
  let last: Promise<void> = Promise.resolve();

  /** One after the other: a lock is not written before a batch with lines of it is known to be on disk. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };

  const write = async (): Promise<void> => {
    const locks = waiting;
    waiting = [];
    bytes = 0;
    if (locks.length === 0) return;
    const fresh = lines.unwritten();
    const puts = locks.map(({ digest, record }) => ({ put: keys.lock(digest), value: record }));
    try {
      await store.batch([...fresh.operations, ...puts]);
    } catch (error) {
      fresh.failed();
      for (const { digest } of locks) stored.delete(digest);
      throw error;
    }
  };
  const flush = (): Promise<void> => inTurn(write);

  const removeAll = async (some: readonly string[]): Promise<void> => {
    for (let index = 0; index < some.length; index += BATCH)
      await store.batch(some.slice(index, index + BATCH).map((key) => ({ delete: key })));
  };

  /** Removes lines that no lock has; at another time if locks come meanwhile. */
  const sweep = async (): Promise<void> => {
    const before = kept;
    const named = new Set<number>();
    for await (const { value } of store.range(prefixRange(prefixes.lock)))
      for (const number of decodeLockRecord(value)?.lines ?? []) named.add(number);
    if (kept !== before || waiting.length > 0) return;
    const unused = lines.forgetBut(named);
    swept = lines.size();
    await removeAll(unused);
  };

  return {
    async load() {
      await lines.load();
      for await (const { key } of store.range(prefixRange(prefixes.lock)))
        stored.add(lastPart(key));
    },
    async keep(lock) {
      if (stored.has(lock.digest)) return;
      stored.add(lock.digest);
      kept += 1;
      const parts = lock.parts();
      const record = encodeLockRecord({ ...parts, lines: lines.numbersOf(parts.lines) });
      waiting.push({ digest: lock.digest, record });
      bytes += record.length;
      if (bytes >= BATCH_BYTES) await flush();
    },
    flush,
    async text(digest) {
      const value = (await store.get(keys.lock(digest)))?.value;
      const record = value === undefined ? null : decodeLockRecord(value);
      if (!record) return value;
      const found = lines.linesOf(record.lines);
      if (found) return joinLock({ ...record, lines: found });
      throw new JamesError(
        'internal',
        `The lock ${digest} lacks lines in the store. Restore the store from a backup.`,
      );
    },
    async collect(used) {
      const unused = [...stored].filter((digest) => !used.has(digest));
      for (const digest of unused) stored.delete(digest);
      await removeAll(unused.map((digest) => keys.lock(digest)));
      if (lines.size() > 2 * swept + SPARE_LINES) await inTurn(sweep);
    },
  };
}
