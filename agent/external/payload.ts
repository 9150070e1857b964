import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { type DataEntry, readPacket } from '../../proto/archive/read-packet.ts';
import { JamesError } from '../../proto/errors.ts';
import { ensureDirectory } from '../state-file.ts';
import type { Files } from '../system/files.ts';
import { removeTree } from '../system/remove-tree.ts';

/** So much stays free on the disk. */
const SPARE_BYTES = 16 * 1024 * 1024;
/** The room is looked at before each file that is larger. */
const SMALL_BYTES = 1024 * 1024;
const PERMISSIONS = 0o777;

export interface Unpacking {
  files: Files;
  packetFile: string;
  /** The packet's id. */
  id: string;
  /** Where its `data/` goes; what is there is removed first. */
  directory: string;
  signal: AbortSignal;
}

/**
 * Unpacks a packet's `data/` and makes it durable. All belongs to the agent's user; links stay as they are. Throws
 * `digest-mismatch` if the file is not the packet any more, `no-space`, or the signal's reason.
 */
export async function unpackPayload(unpacking: Unpacking): Promise<void> {
  const { files, packetFile, id, directory, signal } = unpacking;
  await removeTree(files, directory);
  await ensureDirectory(files, directory, 0o700);
  const hash = createHash('sha256');
  const made = new Set([directory]);
  const modes = new Map<string, number>();
  for await (const entry of readPacket(hashed(files.readStream(packetFile), hash))) {
    signal.throwIfAborted();
    if (entry.part !== 'data') continue;
    const path = join(directory, entry.path);
    await makeParents(files, dirname(path), made);
    await unpackEntry(files, directory, path, entry, made);
    if (entry.type === 'directory') modes.set(path, entry.mode & PERMISSIONS);
  }
  if (`sha256:${hash.digest('hex')}` !== id)
    throw new JamesError('digest-mismatch', `${packetFile} changed while it was read.`);
  for (const [path, mode] of [...modes].reverse()) await files.chmod(path, mode | 0o700);
  for (const path of made) await files.syncDirectory(path);
  await files.syncDirectory(dirname(directory));
}

async function unpackEntry(
  files: Files,
  directory: string,
  path: string,
  entry: DataEntry,
  made: Set<string>,
): Promise<void> {
  switch (entry.type) {
    case 'directory':
      return await makeParents(files, path, made);
    case 'symlink':
      return await files.symlink(entry.linkTarget ?? '', path);
    case 'hardlink':
      return await files.link(join(directory, entry.linkTarget ?? ''), path);
    case 'file':
      if (entry.size > SMALL_BYTES) await requireSpace(files, directory, entry.size);
      await files.writeNew(path, entry.content(), { mode: entry.mode & PERMISSIONS, sync: true });
      await files.setModified(path, entry.modifiedMs);
  }
}

async function makeParents(files: Files, path: string, made: Set<string>): Promise<void> {
  if (made.has(path)) return;
  await makeParents(files, dirname(path), made);
  await files.makeDirectory(path, 0o700);
  made.add(path);
}

async function requireSpace(files: Files, directory: string, bytes: number): Promise<void> {
  const free = await files.freeSpace(directory);
  if (free.bytes >= bytes + SPARE_BYTES) return;
  throw new JamesError(
    'no-space',
    `A file of the packet needs ${bytes} bytes, but ${free.bytes} are free at ${directory}; make room.`,
  );
}

async function* hashed(
  content: AsyncIterable<Uint8Array>,
  hash: { update(chunk: Uint8Array): unknown },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
}
