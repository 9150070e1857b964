import type { LockText } from '../core/package-model.ts';
import { keys, lastPart, prefixes } from '../store/keys.ts';
import { prefixRange, type Store } from '../store/store.ts';

/** The locks of devices, each stored once by its digest. Their texts are long, so memory holds digests only. */
export interface LockStore {
  load(): Promise<void>;
  /** Keeps a lock; it is durable after the next `flush`. */
  keep(lock: LockText): Promise<void>;
  /** Writes what waits. */
  flush(): Promise<void>;
  text(digest: string): Promise<string | undefined>;
  /** Removes all locks but these. */
  collect(used: ReadonlySet<string>): Promise<void>;
}

const BATCH = 200;
/** So many bytes of locks are written in one batch. */
const BATCH_BYTES = 4 * 1024 * 1024;

export function createLockStore(store: Store): LockStore {
  const stored = new Set<string>();
  let waiting: { digest: string; text: string }[] = [];
  let bytes = 0;

  const flush = async (): Promise<void> => {
    const locks = waiting;
    waiting = [];
    bytes = 0;
    if (locks.length === 0) return;
    try {
      await store.batch(locks.map(({ digest, text }) => ({ put: keys.lock(digest), value: text })));
    } catch (error) {
      for (const { digest } of locks) stored.delete(digest);
      throw error;
    }
  };

  return {
    async load() {
      for await (const { key } of store.range(prefixRange(prefixes.lock)))
        stored.add(lastPart(key));
    },
    async keep(lock) {
      if (stored.has(lock.digest)) return;
      stored.add(lock.digest);
      const text = lock.text();
      waiting.push({ digest: lock.digest, text });
      bytes += text.length;
      if (bytes >= BATCH_BYTES) await flush();
    },
    flush,
    async text(digest) {
      return (await store.get(keys.lock(digest)))?.value;
    },
    async collect(used) {
      const unused = [...stored].filter((digest) => !used.has(digest));
      for (let index = 0; index < unused.length; index += BATCH) {
        const some = unused.slice(index, index + BATCH);
        for (const digest of some) stored.delete(digest);
        await store.batch(some.map((digest) => ({ delete: keys.lock(digest) })));
      }
    },
  };
}
