import type { Files } from '../system/files.ts';
import { lockHolders, shownCommand } from './core/proc-locks.ts';

/** Who holds a lock on one of the files, as `process 812 (apt-get upgrade)`; null if nobody can be found. */
export async function lockHolder(files: Files, paths: readonly string[]): Promise<string | null> {
  const identities = [];
  for (const path of paths) {
    const info = await files.lstat(path);
    if (info) identities.push({ device: info.device, inode: info.inode });
  }
  const [pid] = lockHolders(await readText(files, '/proc/locks'), identities);
  if (pid === undefined) return null;
  const command = shownCommand(await readText(files, `/proc/${pid}/cmdline`));
  return `process ${pid}${command === '' ? '' : ` (${command})`}`;
}

async function readText(files: Files, path: string): Promise<string> {
  try {
    return Buffer.from(await files.readFile(path)).toString('utf8');
  } catch {
    return '';
  }
}
