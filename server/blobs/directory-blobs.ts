import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { type FileHandle, mkdir, open, opendir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { JamesError } from '../../proto/errors.ts';
import { isPacketId } from '../../proto/ids.ts';
import type { BlobInfo, BlobStore } from './blob-store.ts';
import { createBufferPool } from './buffer-pool.ts';
import { createFreeSpaceGuard } from './free-space-guard.ts';

export interface DirectoryBlobsOptions {
  directory: string;
  /** Nothing is taken in that would leave less free than this. */
  minFreeBytes: number;
}

/** Bytes that a reader takes from the disk at a time. */
const READ_BYTES = 512 * 1024;

/**
 * Content in files `ab/cd/HEX` by the digits of its digest. What is being written lies in `unfinished/`; it is renamed to
 * its place after it is whole and on disk, so a file at its place is always whole.
 */
export function createDirectoryBlobs({
  directory,
  minFreeBytes,
}: DirectoryBlobsOptions): BlobStore {
  const unfinished = join(directory, 'unfinished');
  const buffers = createBufferPool();
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  const freeBytes = async (): Promise<number> => {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  };
  const pathOf = (id: string): string | null => {
    const hex = id.slice('sha256:'.length);
    return isPacketId(id) ? join(directory, hex.slice(0, 2), hex.slice(2, 4), hex) : null;
  };

  return {
    freeBytes,
    async put(content, { maxBytes }) {
      const guard = createFreeSpaceGuard({ freeBytes, minFreeBytes });
      const file = join(unfinished, randomUUID());
      try {
        await guard.check(0);
        const info = await writeWhole(file, content, maxBytes, guard.check);
        await place(file, pathOf(info.id) as string, directory);
        return info;
      } catch (error) {
        await rm(file, { force: true });
        throw translate(error);
      }
    },
    async stat(id) {
      const path = pathOf(id);
      if (path === null) return undefined;
      const found = await orMissing(stat(path));
      return found && { id, size: found.size };
    },
    async read(id, range) {
      const path = pathOf(id);
      if (path === null) return undefined;
      const handle = await orMissing(open(path, 'r'));
      return handle?.createReadStream({ ...range, highWaterMark: READ_BYTES });
    },
    async pour(id, range, take) {
      const path = pathOf(id);
      const file = path === null ? undefined : await orMissing(open(path, 'r'));
      if (!file) return false;
      try {
        await buffers.lend((buffer) => pourFile(file, buffer, range, take));
      } finally {
        await file.close();
      }
      return true;
    },
    async delete(id) {
      const path = pathOf(id);
      if (path !== null) await rm(path, { force: true });
    },
    list: () => listBlobs(directory),
    async removeUnfinished() {
      let removed = 0;
      for await (const { name } of await opendir(unfinished)) {
        await rm(join(unfinished, name), { force: true });
        removed += 1;
      }
      return removed;
    },
  };
}

/** Writes the content to a new file and to the disk; its digest and size. */
async function writeWhole(
  path: string,
  content: AsyncIterable<Uint8Array>,
  maxBytes: number,
  check: (written: number) => Promise<void>,
): Promise<BlobInfo> {
  const file = await open(path, 'wx', 0o600);
  try {
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of content) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      hash.update(chunk);
      await writeAll(file, chunk);
      await check(size);
    }
    await file.sync();
    return { id: `sha256:${hash.digest('hex')}`, size };
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    done += (await file.write(chunk, done)).bytesWritten;
  }
}

async function pourFile(
  file: FileHandle,
  buffer: Buffer,
  { start, end }: { start: number; end: number },
  take: (piece: Uint8Array) => Promise<void>,
): Promise<void> {
  for (let at = start; at <= end; ) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, end + 1 - at), at);
    if (bytesRead === 0) throw new JamesError('internal', 'The content is shorter than it was.');
    await take(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}

/** Renames a whole file to its place, and makes the new name durable up to `root`. */
async function place(from: string, to: string, root: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  await rename(from, to);
  for (const directory of [dirname(to), dirname(dirname(to)), root]) {
    const handle = await open(directory, 'r');
    await handle.sync().finally(() => handle.close());
  }
}

async function* listBlobs(directory: string): AsyncIterable<BlobInfo> {
  for await (const name of namesIn(directory, /^[0-9a-f]{2}$/)) {
    for await (const second of namesIn(join(directory, name), /^[0-9a-f]{2}$/)) {
      const folder = join(directory, name, second);
      for await (const hex of namesIn(folder, /^[0-9a-f]{64}$/)) {
        const found = await orMissing(stat(join(folder, hex)));
        if (found) yield { id: `sha256:${hex}`, size: found.size };
      }
    }
  }
}

async function* namesIn(directory: string, pattern: RegExp): AsyncIterable<string> {
  for await (const { name } of await opendir(directory)) if (pattern.test(name)) yield name;
}

async function orMissing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function tooLarge(maxBytes: number): JamesError {
  return new JamesError('too-large', `The content is larger than the limit of ${maxBytes} bytes.`);
}

function translate(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return new JamesError('no-space', 'The disk of the server is full; nothing was kept.', {
    cause: error,
  });
}
