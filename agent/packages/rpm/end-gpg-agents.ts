import type { Files } from '../../system/files.ts';
import type { RunTool } from '../tool-run.ts';

const GPGCONF = '/usr/bin/gpgconf';
const END_MS = 20_000;

/**
 * Ends the gpg-agents that a check of signed metadata left running, one for each `pubring` directory of a repository in
 * the package manager's cache. No other directory is looked at, and links are not followed. Never fails: a device without
 * gpgconf has no agent that it could end.
 */
export async function endGpgAgents(files: Files, run: RunTool, cache: string): Promise<void> {
  if (!(await files.lstat(GPGCONF)) || !(await isDirectory(files, cache))) return;
  for (const repository of (await files.readDirectory(cache)).sort()) {
    const folder = `${cache}/${repository}`;
    const home = `${folder}/pubring`;
    if (!(await isDirectory(files, folder)) || !(await isDirectory(files, home))) continue;
    const args = ['--homedir', home, '--kill', 'gpg-agent'];
    await run({ file: GPGCONF, args, timeoutMs: END_MS });
  }
}

const isDirectory = async (files: Files, path: string): Promise<boolean> =>
  (await files.lstat(path))?.type === 'directory';
