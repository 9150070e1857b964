import { onHost } from '../core/device-path.ts';
import type { Restarting } from '../core/journal-entry.ts';
import type { PackageChange } from '../packages/package-work.ts';
import type { PlannedChange } from './change.ts';
import type { Device } from './device.ts';
import { driverJob } from './driver-steps.ts';
import type { OnLog } from './run-script.ts';

/** What must restart before it can be said whether what was applied works; null: nothing. */
export async function restartNeeded(
  device: Device,
  change: PlannedChange | null,
  packages: PackageChange | null,
  onLog: OnLog,
): Promise<Restarting | null> {
  if (await machineMust(device, change, packages, onLog)) return 'machine';
  return change !== null && replacesAgent(device, change) ? 'agent' : null;
}

async function machineMust(
  device: Device,
  change: PlannedChange | null,
  packages: PackageChange | null,
  onLog: OnLog,
): Promise<boolean> {
  if (change?.packets.some(({ manifest }) => manifest.reboot === 'required')) return true;
  for (const step of change?.journalSteps ?? []) {
    const job = change && driverJob(device, change, step, onLog);
    if (job && (await device.external.needsReboot(job))) return true;
  }
  return packages !== null && (await packages.needsReboot());
}

/** Whether the program of the running agent is among the files that were put in place. */
function replacesAgent({ program, root }: Device, { tree }: PlannedChange): boolean {
  if (program === null) return false;
  return tree.operations.some(({ kind, path }) => kind === 'put' && onHost(root, path) === program);
}
