import type { Restarting } from '../core/journal-entry.ts';
import type { PackageChange } from '../packages/package-work.ts';
import type { PlannedChange } from './change.ts';
import type { Device } from './device.ts';
import { driverJob } from './driver-steps.ts';
import { replacesAgent } from './own-trial.ts';
import type { OnLog } from './run-script.ts';

/** What must restart before it can be said whether what was applied works. */
export interface RestartNeeded {
  /** Null: nothing. A machine that nobody may restart is left to a person, but the agent itself restarts. */
  now: Restarting | null;
  /** The machine must restart, and that is left to a person. */
  later: boolean;
}

export async function restartNeeded(
  device: Device,
  change: PlannedChange | null,
  packages: PackageChange | null,
  { onLog, reboot }: { onLog: OnLog; reboot: 'auto' | 'never' },
): Promise<RestartNeeded> {
  const machine = await machineMust(device, change, packages, onLog);
  if (machine && reboot === 'auto') return { now: 'machine', later: false };
  const agent = change !== null && replacesAgent(device, change.tree.operations);
  return { now: agent ? 'agent' : null, later: machine };
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
