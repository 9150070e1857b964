import { onHost } from '../../core/device-path.ts';
import type { RunTool, ToolHost } from '../tool-run.ts';

const NEEDS_RESTARTING = '/usr/bin/needs-restarting';
/** What distributions leave where a reboot is needed: Debian's way and SUSE's. */
const SIGNS = ['/run/reboot-required', '/run/reboot-needed'];
const QUICK_MS = 120_000;

/**
 * Whether the machine must restart for what was installed. Below another root only the signs are looked at:
 * needs-restarting(1) speaks of the machine that runs, by its status 1.
 */
export async function rpmNeedsReboot({ files, root }: ToolHost, run: RunTool): Promise<boolean> {
  for (const sign of SIGNS) if (await files.lstat(onHost(root, sign))) return true;
  if (root !== '/' || !(await files.lstat(NEEDS_RESTARTING))) return false;
  const result = await run({ file: NEEDS_RESTARTING, args: ['-r'], timeoutMs: QUICK_MS });
  return result.end === 'exited' && result.code === 1;
}
