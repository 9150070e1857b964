import type { Clock } from '../../proto/clock.ts';
import type { Log } from '../../proto/log.ts';
import { joinPath, onHost, savedName, stagedName } from '../core/device-path.ts';
import type { Operation } from '../core/journal-entry.ts';
import type { Journal } from '../journal/journal.ts';
import type { InstalledState } from '../state/installed-state.ts';
import type { Commands } from '../system/commands.ts';
import type { Files } from '../system/files.ts';

/** What every part of a transaction works with. */
export interface Device {
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
  /** Who the agent is; owners are set by root only. */
  user: { uid: number; gid: number };
  scriptTimeoutMs: number;
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
