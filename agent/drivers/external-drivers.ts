import { JamesError } from '../../proto/errors.ts';
import type { JournalStep } from '../core/journal-entry.ts';
import type { OnLog } from './run-script.ts';

/** A packet's step that another program carries out, because the packet is no files. */
export interface DriverJob {
  /** The name of the driver. */
  driver: string;
  transaction: string;
  step: JournalStep;
  /** For this long a verb may run, in ms. */
  timeoutMs: number;
  onLog: OnLog;
}

/**
 * Programs that install what is no files: images, containers, firmware. Each call may be repeated after a crash. Throws
 * JamesError: `driver-failed`, `driver-busy` (it may be tried again), `driver-missing`.
 */
export interface ExternalDrivers {
  /** The names of the drivers of this device, sorted. */
  names(): Promise<string[]>;
  /** Makes everything ready from the packet's file; what runs on the device is not touched. */
  prepare(job: DriverJob, packetFile: string, signal: AbortSignal): Promise<void>;
  /** Installs what was prepared, or removes what is there. */
  change(job: DriverJob): Promise<void>;
  /** Puts back what there was before `prepare`. */
  rollback(job: DriverJob): Promise<void>;
  /** From now on there is no way back; what is only needed for it goes. */
  commit(job: DriverJob): Promise<void>;
  /** A sentence that says what is wrong with what was installed; null if nothing is. */
  health(job: DriverJob, signal: AbortSignal): Promise<string | null>;
  needsReboot(job: DriverJob): Promise<boolean>;
}

/** Where no packet but those with files can be installed. */
export const noDrivers: ExternalDrivers = {
  names: async () => [],
  prepare: async ({ driver }) => {
    throw new JamesError(
      'driver-missing',
      `This device has no driver ${driver}; put it into the directory of drivers, or choose packets of files.`,
    );
  },
  change: async () => undefined,
  rollback: async () => undefined,
  commit: async () => undefined,
  health: async () => null,
  needsReboot: async () => false,
};
