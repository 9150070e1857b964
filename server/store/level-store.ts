import { mkdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { Level } from 'level';
import { JamesError } from '../../proto/errors.ts';
import type { Log } from '../../proto/log.ts';
import { createCommitQueue } from './commit-queue.ts';
import type { Database } from './database.ts';
import { lockDirectory, lockedBy } from './directory-lock.ts';
import { createDurableWriter, readSequence } from './durable-writer.ts';
import { decodeEntry } from './entry-encoding.ts';
import { ensureEpoch } from './epoch.ts';
import type { Range, Store } from './store.ts';
import { createWatchers } from './watchers.ts';

/** The lowest key that is not the store's own. */
const FIRST_KEY = '\u0001';

/**
 * Opens the store in `directory/store`, making it if it is new, and holds it for this process.
 * Throws JamesError `data-locked` if it is in use, `unsupported` if a newer release wrote it, `bad-config` if it cannot be
 * made or written.
 */
export async function openLevelStore(options: { directory: string; log: Log }): Promise<Store> {
  const unlock = take(options.directory);
  try {
    const database = new Level<string, string>(join(options.directory, 'store')) as Database;
    await open(database, options.directory);
    const freeBytes = async () => {
      const { bavail, bsize } = await statfs(options.directory);
      return bavail * bsize;
    };
    const store = await createStore(database, { log: options.log, freeBytes, closed: unlock });
    await ensureEpoch(store).catch(async (error) => {
      await store.close();
      throw error;
    });
    return store;
  } catch (error) {
    unlock();
    throw error;
  }
}

/** Makes the directory if it is new, and locks it. */
function take(directory: string): () => void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return lockDirectory(directory);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof JamesError) throw error;
    throw new JamesError(
      code === 'ENOSPC' ? 'no-space' : 'bad-config',
      `The data directory ${directory} cannot be used (${message}); choose another with --data.`,
      { cause: error },
    );
  }
}

async function open(database: Database, directory: string): Promise<void> {
  try {
    await database.open();
  } catch (error) {
    const cause = (error as { cause?: { code?: string } }).cause;
    if (cause?.code === 'LEVEL_LOCKED') throw lockedBy(directory, null);
    throw new JamesError(
      'internal',
      `The data in ${directory} cannot be opened: ${String(cause ?? error).slice(0, 300)}`,
      { cause: error },
    );
  }
}

export interface StoreOptions {
  log: Log;
  /** Bytes free where the database lies; absent for one in memory. */
  freeBytes?: () => Promise<number>;
  /** Called once, after the database was closed. */
  closed?: () => void;
}

/** A store on an `abstract-level` database with UTF-8 keys and values; it belongs to the store from now on. */
export async function createStore(database: Database, options: StoreOptions): Promise<Store> {
  await database.open();
  const watchers = createWatchers(options.log);
  const queue = createCommitQueue({
    database,
    sequence: await readSequence(database),
    write: createDurableWriter({ database, ...options }),
    committed: watchers.tell,
  });
  let closing: Promise<void> | null = null;

  async function close(): Promise<void> {
    await queue.idle();
    await database.close();
    options.closed?.();
  }

  return {
    async get(key) {
      const value = await database.get(key);
      return value === undefined ? undefined : decodeEntry(key, value);
    },
    async getMany(keys) {
      const values = await database.getMany([...keys]);
      return keys.map((key, index) => {
        const value = values[index];
        return value === undefined ? undefined : decodeEntry(key, value);
      });
    },
    range: (range) => entries(database, range),
    async batch(operations, expect = []) {
      if (closing !== null)
        throw new JamesError('unavailable', 'The server is stopping; try again soon.');
      return queue.add(operations, expect);
    },
    watch: watchers.add,
    sequence: queue.sequence,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

async function* entries(database: Database, range: Range) {
  const lower = range.gt === undefined && range.gte === undefined ? { gte: FIRST_KEY } : {};
  for await (const [key, value] of database.iterator({ ...lower, ...range })) {
    yield decodeEntry(key, value);
  }
}
