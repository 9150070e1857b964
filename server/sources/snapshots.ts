import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Universe } from '../resolver/core/universe.ts';
import { fromSnapshot } from '../resolver/core/universe-snapshot.ts';
import { full, isFull } from './fetching/file-cache.ts';

/** Snapshots of universes on disk, each under the digest of its content. */
export interface SnapshotWriter {
  /** Durable when it resolves; a snapshot that is there already is not written again. Returns the digest. */
  write(bytes: Uint8Array): Promise<string>;
}

export interface Snapshots extends SnapshotWriter {
  /** Throws `bad-snapshot` if it is damaged, or an error of the file system if it is not there. */
  load(digest: string): Promise<Universe>;
  /** Removes everything but these. */
  keepOnly(digests: ReadonlySet<string>): Promise<void>;
}

export function createSnapshots(directory: string): Snapshots {
  return {
    async write(bytes) {
      const digest = createHash('sha256').update(bytes).digest('hex');
      const path = join(directory, digest);
      const known = await stat(path).catch(() => null);
      if (known?.size === bytes.length && (await isWhole(path))) return digest;
      await writeDurably(path, bytes);
      return digest;
    },
    load: async (digest) => fromSnapshot(await readShared(join(directory, digest))),
    async keepOnly(digests) {
      for (const name of await readdir(directory).catch(() => []))
        if (!digests.has(name)) await rm(join(directory, name), { force: true });
    },
  };
}

/** The bytes of a file in memory that other threads can share. */
async function readShared(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const bytes = new Uint8Array(new SharedArrayBuffer(size));
    for (let at = 0; at < size; ) {
      const { bytesRead } = await file.read(bytes, at, size - at, at);
      // A file that became shorter fails its check.
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

async function isWhole(path: string): Promise<boolean> {
  try {
    fromSnapshot(await readFile(path));
    return true;
  } catch {
    return false;
  }
}

/** Writes a file that is whole or not there: beside it first, synced, then under its name. Throws `no-space`. */
export async function writeDurably(path: string, bytes: Uint8Array | string): Promise<void> {
  const directory = join(path, '..');
  const unfinished = `${path}.${randomUUID()}`;
  await mkdir(directory, { recursive: true });
  try {
    const file = await open(unfinished, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
    await syncDirectory(directory);
  } catch (cause) {
    await rm(unfinished, { force: true });
    throw isFull(cause) ? full(cause) : cause;
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
