import { JamesError } from '../../proto/errors.ts';
import type { InstalledIndex } from '../core/installed-index.ts';
import type { Restarting } from '../core/journal-entry.ts';
import { hasChanged, isOpen, recoveryOf, type Written } from '../core/recover.ts';
import type { Outcome } from '../transaction.ts';
import { type Device, unless } from './device.ts';
import { failedOutcome, withUndoFailures } from './outcomes.ts';
import { endTrial } from './own-trial.ts';
import type { How } from './perform.ts';
import { finish, undo } from './settle.ts';
import type { Tell } from './tell.ts';

/** Does what the journal asks for after `error`; what the outcome is follows from what the journal says then. */
export async function goBack(
  device: Device,
  error: unknown,
  { course, tell, signal }: How,
  idOf: (name: string) => string | null,
): Promise<Outcome> {
  const failed = failedOutcome(error, true, idOf);
  try {
    await noteWhy(device, failed);
    const { outcome, sentences } = await resume(device, tell, 'back');
    course.happen('cleaned');
    if (outcome === 'finished') return { kind: 'converged' };
    if (isAbort(signal, error)) return { kind: 'superseded' };
    return withUndoFailures(failed, sentences);
  } catch (second) {
    course.happen('failed');
    device.log.error({ err: second }, 'The way back failed; it is tried again later.');
    return withUndoFailures({ ...failed, undone: false, retryable: true }, [
      failedOutcome(second, false, idOf).reason,
    ]);
  }
}

/** Whether an error is nothing but the abort that was asked for. */
export const isAbort = (signal: AbortSignal, error: unknown): boolean =>
  signal.aborted && error === signal.reason;

/** A crash on the way back does not turn it round, and the reason is known after it. */
async function noteWhy(
  { journal }: Device,
  { code, reason }: { code: string; reason: string },
): Promise<void> {
  if (!isOpen(await journal.read())) return;
  await unless(['ENOSPC', 'EDQUOT'], () => journal.append({ entry: 'back', code, reason }));
}

export interface Resumed {
  outcome: 'nothing' | 'undone' | 'finished' | 'restart' | 'check';
  /** What failed on the way back without stopping it. */
  sentences: string[];
  /** The transaction that was open; null if there was none. */
  written: Written | null;
  /** restart: what has not restarted yet. */
  of?: Restarting;
}

/**
 * Brings a transaction that the journal knows of to its end: finishes or undoes it. One that waits for a restart or for
 * its examination is left alone, unless the way is `back`. Throws if it cannot be ended now.
 */
export async function resume(
  device: Device,
  tell: Tell,
  way: 'on' | 'back' = 'on',
): Promise<Resumed> {
  const canCommit = way === 'on' && (await device.state.hasNext());
  const recovery = recoveryOf(await device.journal.read(), device.moment, canCommit);
  switch (recovery.kind) {
    case 'nothing':
      await device.state.dropNext();
      await device.journal.clear();
      await endTrial(device);
      return { outcome: 'nothing', sentences: [], written: null };
    case 'finish':
      await finish(device, recovery.written, tell);
      return { outcome: 'finished', sentences: [], written: recovery.written };
    case 'undo': {
      const sentences = await undo(device, recovery, tell);
      const { written } = recovery;
      return { outcome: hasChanged(written) ? 'undone' : 'nothing', sentences, written };
    }
    case 'restart':
      return { outcome: 'restart', sentences: [], written: recovery.written, of: recovery.of };
    case 'check':
      return { outcome: 'check', sentences: [], written: recovery.written };
  }
}

/**
 * What is installed, after a transaction that was cut off has been brought to its end. Throws `restart-pending` while one
 * waits and the way is not `back`, and `bad-config` if it was installed below another root.
 */
export async function readInstalled(
  device: Device,
  tell: Tell,
  way: 'on' | 'back' = 'on',
): Promise<InstalledIndex> {
  await device.state.prepare();
  const { outcome } = await resume(device, tell, way);
  if (outcome === 'restart' || outcome === 'check')
    throw new JamesError('restart-pending', 'A change waits for a restart; try again after it.');
  const index = await device.state.readIndex();
  if (index.root === null || index.root === device.root || index.packets.length === 0) return index;
  throw new JamesError(
    'bad-config',
    `What the state directory ${device.stateDirectory} speaks of is installed below ${index.root} and not below ${device.root}; give that root, or another state directory.`,
  );
}
