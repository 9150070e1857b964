import type { JournalStep } from '../core/journal-entry.ts';
import type { Device } from './device.ts';
import type { DriverJob } from './external-drivers.ts';
import type { OnLog } from './run-script.ts';

/** The job of a step that is carried out by a driver; null where a step is of files. */
export function driverJob(
  { scriptTimeoutMs }: Device,
  { transaction }: { transaction: string },
  step: JournalStep,
  onLog: OnLog,
): DriverJob | null {
  const { driver } = step;
  if (driver === null) return null;
  return { driver, transaction, step, timeoutMs: step.timeoutMs ?? scriptTimeoutMs, onLog };
}
