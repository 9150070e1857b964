import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { JamesError } from '../../../proto/errors.ts';
import { tooLarge } from '../core/byte-sink.ts';

/** A file as it was downloaded. */
export interface CachedFile {
  sha256: string;
  sha512: string;
  size: number;
}

/** Downloaded files on disk, by their SHA-256. Whatever is in it is checked when it is read, so it needs no order. */
export interface FileCache {
  /**
   * Writes a body. Throws `too-large` as soon as it has more than `maxBytes`, and what `body` throws; then nothing stays.
   */
  write(body: AsyncIterable<Uint8Array>, maxBytes: number, what: string): Promise<CachedFile>;
  /** Whether it is there with that size; what is in it is checked by `read`. */
  has(sha256: string, size: number): Promise<boolean>;
  /** Null if it is not there or is not what it was. */
  read(sha256: string): Promise<Uint8Array | null>;
  /** Removes everything but these, and what a killed process left half written. */
  keepOnly(sha256s: ReadonlySet<string>): Promise<void>;
}

const UNFINISHED = 'unfinished-';

export function createFileCache(directory: string): FileCache {
  return {
    async write(body, maxBytes, what) {
      await mkdir(directory, { recursive: true });
      const unfinished = join(directory, UNFINISHED + randomUUID());
      try {
        const file = await writeBody(unfinished, body, maxBytes, what);
        await rename(unfinished, join(directory, file.sha256));
        return file;
      } catch (cause) {
        await rm(unfinished, { force: true });
        throw isFull(cause) ? full(cause) : cause;
      }
    },
    async has(sha256, size) {
      const facts = await stat(join(directory, sha256)).catch(() => null);
      return facts?.size === size;
    },
    async read(sha256) {
      const bytes = await readFile(join(directory, sha256)).catch(() => null);
      if (!bytes || createHash('sha256').update(bytes).digest('hex') !== sha256) return null;
      return bytes;
    },
    async keepOnly(sha256s) {
      for (const name of await readdir(directory).catch(() => []))
        if (!sha256s.has(name)) await rm(join(directory, name), { force: true });
    },
  };
}

async function writeBody(
  path: string,
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  what: string,
): Promise<CachedFile> {
  const sha256 = createHash('sha256');
  const sha512 = createHash('sha512');
  let size = 0;
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of body) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(what, maxBytes);
      sha256.update(chunk);
      sha512.update(chunk);
      await file.writeFile(chunk);
    }
  } finally {
    await file.close();
  }
  return { sha256: sha256.digest('hex'), sha512: sha512.digest('hex'), size };
}

/** True if a file operation failed for lack of space. */
export function isFull(cause: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes((cause as NodeJS.ErrnoException)?.code ?? '');
}

/** The error for a disk without space for what was downloaded or read. */
export function full(cause: unknown): JamesError {
  const sentence = 'The disk of the server is full; free some space below its data directory.';
  return new JamesError('no-space', sentence, { cause });
}
