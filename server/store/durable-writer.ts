import { JamesError } from '../../proto/errors.ts';
import type { Log } from '../../proto/log.ts';
import { SEQUENCE_KEY } from './commit-queue.ts';
import type { Database, DatabaseOperation } from './database.ts';

/** Free space that the database's own tidying may need; below it nothing is written. */
const RESERVED_BYTES = 16 * 1024 * 1024;

export interface DurableWriterOptions {
  database: Database;
  log: Log;
  /** Bytes free where the database lies; absent for one in memory. */
  freeBytes?: () => Promise<number>;
}

/**
 * Writes operations with `sync`, and keeps the database sound when the disk fills up. A write that failed half-way
 * leaves LevelDB's log out of step with what LevelDB believes of it, so that later records could be lost at the next
 * recovery: after a failure nothing is written until the database was closed and opened again. Reading goes on
 * meanwhile. Throws JamesError `no-space` or `internal`; then the operations did not become visible.
 */
export function createDurableWriter({ database, log, freeBytes }: DurableWriterOptions) {
  let failed = false;

  async function requireSpace(): Promise<void> {
    if (freeBytes && (await freeBytes()) < RESERVED_BYTES) throw noSpace();
  }

  async function reopen(): Promise<void> {
    log.warn({}, 'Opening the database again after a failed write.');
    await database.close();
    await database.open();
    failed = false;
  }

  return async function write(operations: DatabaseOperation[]): Promise<void> {
    await requireSpace();
    try {
      if (failed) await reopen();
      await database.batch(operations, { sync: true });
    } catch (error) {
      failed = true;
      log.error({ err: error }, 'The database could not write.');
      throw translate(error);
    }
  };
}

/** The newest sequence number that the database holds; 0 if it is empty. */
export async function readSequence(database: Database): Promise<number> {
  return Number((await database.get(SEQUENCE_KEY)) ?? 0);
}

function translate(error: unknown): JamesError {
  const text = error instanceof Error ? `${error.message} ${String(error.cause)}` : String(error);
  if (/no space|ENOSPC|quota|EDQUOT/i.test(text)) return noSpace(error);
  return new JamesError(
    'internal',
    'The database could not write; the log of the server says why.',
    {
      cause: error,
    },
  );
}

function noSpace(cause?: unknown): JamesError {
  return new JamesError(
    'no-space',
    'The disk of the server is full; nothing was changed. Free some space and try again.',
    cause === undefined ? {} : { cause },
  );
}
