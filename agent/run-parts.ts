import type { Clock, Random } from '../proto/clock.ts';
import type { Labels } from '../proto/labels.ts';
import type { Log } from '../proto/log.ts';
import type { Config } from './config.ts';
import type { Gates } from './gates/gates.ts';
import type { PackageServer } from './packages/package-server.ts';
import type { Files } from './system/files.ts';
import type { Notifier } from './system/notify.ts';
import type { Downloads, Transactions } from './transaction.ts';

/** What a running agent is made of, as the composition root gives it. */
export interface RunParts {
  config: Config;
  clock: Clock;
  random: Random;
  files: Files;
  log: Log;
  facts: Labels;
  bootId: string;
  /** Content of /etc/machine-id. */
  machineId: string;
  pid: number;
  /** The name of the device's time zone, now. */
  zone(): Promise<string>;
  /** Takes the state directory for this process alone and makes what installs. */
  openDevice(
    downloads: Downloads,
    server: PackageServer,
    /** Whether the server answers this device. */
    reachable: (signal: AbortSignal) => Promise<boolean>,
  ): Promise<OpenDevice>;
  /** Whoever started the agent and hears how it is. */
  supervisor: Notifier;
  /** Aborted when the process is asked to end. */
  stopping: AbortSignal;
}

export interface OpenDevice {
  transactions: Transactions;
  /** What a desired document may require of this device. */
  features: ReadonlySet<string>;
  /** Calls `listener` after something else than the agent's own transactions changed what is installed. */
  onInstalled(listener: () => void): void;
  /** Calls `listener` after a program on the device began or ended to hold changes back. */
  onHolds(listener: () => void): void;
  /** When this device may download and apply. */
  gatesOf(device: string): Gates;
  /** Gives the state directory back. */
  close(): Promise<void>;
}
