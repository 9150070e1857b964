import type { Clock } from '../../proto/clock.ts';
import type { Health } from '../../proto/health.ts';
import type { Log } from '../../proto/log.ts';
import { joinPath, onHost, savedName, stagedName } from '../core/device-path.ts';
import type { Restarting } from '../core/journal-entry.ts';
import type { Operation } from '../core/operation.ts';
import type { Moment } from '../core/recover.ts';
import type { Journal } from '../journal/journal.ts';
import type { PackageWork } from '../packages/package-work.ts';
import type { InstalledState } from '../state/installed-state.ts';
import type { Trial } from '../state/trial.ts';
import type { Commands } from '../system/commands.ts';
import type { Files } from '../system/files.ts';
import type { OwnProgram } from '../system/own-program.ts';
import type { ExternalDrivers } from './external-drivers.ts';

/** What a transaction has to do with beside files, programs and the package manager. */
export interface Surroundings {
  external: ExternalDrivers;
  moment: Moment;
  /** Restarts the machine or the agent; resolves when that was asked for. */
  restart(of: Restarting): Promise<void>;
  /** The agent's own program: where a packet replaces it, the agent restarts. Null: it is not told. */
  program: OwnProgram | null;
  /** Asks the device how it is: sentences that say what is wrong. */
  examine(examination: Examination, signal: AbortSignal): Promise<string[]>;
}

/** What every part of a transaction works with. */
export interface Device extends Surroundings {
  files: Files;
  commands: Commands;
  clock: Clock;
  log: Log;
  /** The host's path of the root. */
  root: string;
  /** The host's path of the state directory. */
  stateDirectory: string;
  state: InstalledState;
  journal: Journal;
  trial: Trial;
  /** Who the agent is; owners are set by root only. */
  user: { uid: number; gid: number };
  scriptTimeoutMs: number;
  /** What is done with the device's package manager; null: nothing. */
  packages: PackageWork | null;
}

/** What is asked after a change. */
export interface Examination {
  /** Of the specs; null: nothing. */
  health: Health | null;
  /** Of the packets that came: each gives a sentence that says what is wrong, or null. */
  packets: readonly PacketExamination[];
}

export interface PacketExamination {
  packet: string;
  /** Between tries and for one try, in ms. */
  intervalMs: number;
  timeoutMs: number;
  retries: number;
  ask(timeoutMs: number, signal: AbortSignal): Promise<string | null>;
}

/** The host's paths of an operation: its place, and where the new and the old wait. */
export interface Places {
  place: string;
  staged: string;
  saved: string;
}

export function placesOf(root: string, transaction: string, operation: Operation): Places {
  const { path, stage, n } = operation;
  return {
    place: onHost(root, path),
    staged: onHost(root, joinPath(stage, stagedName(transaction, n))),
    saved: onHost(root, joinPath(stage, savedName(transaction, n))),
  };
}

/** Does `act`, and takes an error with one of these codes of the system for an answer: false. */
export async function unless(
  codes: readonly string[],
  act: () => Promise<unknown>,
): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    if (codes.includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
