import { createHash, type Hash } from 'node:crypto';
import { join } from 'node:path';
import { JamesError } from '../../proto/errors.ts';
import type { Files } from '../system/files.ts';

/** What is on disk of a download, with the hash of it. */
export interface PartialFile {
  readonly path: string;
  bytes: number;
  hash: Hash;
}

/** Where the content of a packet (`sha256:…`) is kept when it is complete, and before. */
export function contentPaths(directory: string, id: string): { complete: string; part: string } {
  const path = join(directory, hexOf(id));
  return { complete: `${path}.jpk`, part: `${path}.part` };
}

/** The hexadecimal digits of a packet's id or of a file of the directory. */
export const hexOf = (name: string): string =>
  name.replace(/^sha256:/, '').replace(/\.(jpk|part)$/, '');

/** Reads what an earlier try left, hashing it; a file that is longer than `size` is of no use and dropped. */
export async function openPartial(files: Files, path: string, size: number): Promise<PartialFile> {
  const info = await files.lstat(path);
  if (info && (info.type !== 'file' || info.size > size)) await files.unlink(path);
  if (info?.type !== 'file' || info.size > size)
    return { path, bytes: 0, hash: createHash('sha256') };
  return { path, ...(await hashOf(files, path)) };
}

/** Starts again from nothing. */
export async function emptyPartial(files: Files, file: PartialFile): Promise<void> {
  if (await files.lstat(file.path)) await files.unlink(file.path);
  file.bytes = 0;
  file.hash = createHash('sha256');
}

/**
 * Appends what arrives, hashing it. `onPiece` is told of each piece before it is written and may throw; what came before
 * stays on disk and in the hash.
 */
export async function appendTo(
  files: Files,
  file: PartialFile,
  content: AsyncIterable<Uint8Array>,
  onPiece: (bytes: number) => void | Promise<void>,
): Promise<void> {
  const counted = async function* (): AsyncIterable<Uint8Array> {
    for await (const piece of content) {
      await onPiece(piece.length);
      file.hash.update(piece);
      file.bytes += piece.length;
      yield piece;
    }
  };
  try {
    await files.appendStream(file.path, counted());
  } catch (error) {
    throw isNoSpace(error) ? noSpace(error) : error;
  }
}

/** Checks the whole file's digest: true if the content is `id`. Ends the hash. */
export function isContent(file: PartialFile, id: string): boolean {
  return `sha256:${file.hash.digest('hex')}` === id;
}

export async function hashOf(files: Files, path: string): Promise<{ bytes: number; hash: Hash }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of files.readStream(path)) {
    hash.update(piece);
    bytes += piece.length;
  }
  return { bytes, hash };
}

function isNoSpace(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

export function noSpace(cause?: unknown): JamesError {
  return new JamesError(
    'no-space',
    'There is not enough free space for the download; free some in the state directory.',
    { cause },
  );
}
