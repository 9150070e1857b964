import { dirname } from 'node:path';
import type { Files } from './system/files.ts';

/**
 * Replaces a file of the state directory in one step: after a crash it has the old content or the new. With `sync` the new
 * one is durable when the promise resolves.
 */
export async function replaceFile(
  files: Files,
  path: string,
  content: Uint8Array,
  { mode = 0o600, sync = true }: { mode?: number; sync?: boolean } = {},
): Promise<void> {
  const fresh = `${path}.new`;
  if (await files.lstat(fresh)) await files.unlink(fresh);
  await files.writeNew(fresh, content, { mode, sync });
  await files.rename(fresh, path);
  if (sync) await files.syncDirectory(dirname(path));
}

/** The JSON value in a file of the state directory; undefined if there is none or it is not JSON. */
export async function readJsonFile(files: Files, path: string): Promise<unknown> {
  if (!(await files.lstat(path))) return undefined;
  const content = await files.readFile(path);
  try {
    return JSON.parse(Buffer.from(content).toString()) as unknown;
  } catch {
    return undefined;
  }
}

export const jsonBytes = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value)}\n`);

/** Makes a directory and those above it that are missing. */
export async function ensureDirectory(files: Files, path: string, mode: number): Promise<void> {
  if (await files.lstat(path)) return;
  if (dirname(path) !== path) await ensureDirectory(files, dirname(path), 0o755);
  await files.makeDirectory(path, mode);
}
