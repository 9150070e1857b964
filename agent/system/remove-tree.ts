import { join } from 'node:path';
import type { Files } from './files.ts';

/** Removes what stands at a path, with all that is in it; nothing there is fine. Links are not followed. */
export async function removeTree(files: Files, path: string): Promise<void> {
  const info = await files.lstat(path);
  if (!info) return;
  if (info.type !== 'directory') {
    await files.unlink(path);
    return;
  }
  for (const name of await files.readDirectory(path)) await removeTree(files, join(path, name));
  await files.removeDirectory(path);
}
