import { JamesError } from '../../proto/errors.ts';
import type { InstalledIndex } from '../core/installed-index.ts';
import { type Event, next, phaseOf, type State } from '../core/machine.ts';
import { recoveryOf } from '../core/recover.ts';
import type { Outcome, Reporter } from '../transaction.ts';
import {
  applyChange,
  commitChange,
  finish,
  type OnLog,
  stageChange,
  undo,
  writeDown,
} from './carry-out.ts';
import { type Change, type PlannedChange, planChange } from './change.ts';
import type { Device } from './device.ts';
import { failedOutcome, withUndoFailures } from './outcomes.ts';

/** Where a running transaction stands; tells the reporter of each phase once. */
export interface Course {
  happen(event: Event): void;
  state(): State;
}

export function createCourse(reporter: Pick<Reporter, 'phase'>): Course {
  let state: State = 'idle';
  return {
    happen(event) {
      const before = phaseOf[state];
      state = next(state, event);
      const phase = phaseOf[state];
      if (phase !== null && phase !== before) reporter.phase(phase, null);
    },
    state: () => state,
  };
}

/**
 * Carries a change out as a whole, or not at all. Aborting the signal counts until everything is staged. Never throws for
 * what can go wrong on a device.
 */
export async function perform(
  device: Device,
  transaction: string,
  change: Change,
  course: Course,
  onLog: OnLog,
  signal: AbortSignal,
): Promise<Outcome> {
  const idOf = (name: string): string | null =>
    change.steps.find((step) => step.name === name)?.to ?? null;
  try {
    const planned = await planChange(device, transaction, change);
    reportOwners(planned, onLog);
    await carryOut(device, planned, course, onLog, signal);
    return { kind: 'converged' };
  } catch (error) {
    course.happen(signal.aborted ? 'aborted' : 'failed');
    return await goBack(device, error, course, onLog, signal, idOf);
  }
}

async function carryOut(
  device: Device,
  planned: PlannedChange,
  course: Course,
  onLog: OnLog,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  await writeDown(device, planned);
  course.happen('journaled');
  await stageChange(device, planned, signal);
  course.happen('staged');
  await applyChange(device, planned, onLog);
  await commitChange(device, planned);
  course.happen('committed');
  await resume(device, onLog);
  course.happen('cleaned');
}

/** Does what the journal asks for after `error`; what the outcome is follows from what the journal says then. */
async function goBack(
  device: Device,
  error: unknown,
  course: Course,
  onLog: OnLog,
  signal: AbortSignal,
  idOf: (name: string) => string | null,
): Promise<Outcome> {
  try {
    const { outcome, sentences } = await resume(device, onLog);
    course.happen('cleaned');
    if (outcome === 'finished') return { kind: 'converged' };
    if (signal.aborted && error === signal.reason) return { kind: 'superseded' };
    return withUndoFailures(failedOutcome(error, true, idOf), sentences);
  } catch (second) {
    course.happen('failed');
    device.log.error({ err: second }, 'The way back failed; it is tried again later.');
    const failed = failedOutcome(error, false, idOf);
    return withUndoFailures({ ...failed, retryable: true }, [
      failedOutcome(second, false, idOf).reason,
    ]);
  }
}

/**
 * What is installed, after a transaction that was cut off has been brought to its end. Throws `bad-config` if it was
 * installed below another root.
 */
export async function readInstalled(device: Device, onLog: OnLog): Promise<InstalledIndex> {
  await device.state.prepare();
  await resume(device, onLog);
  const index = await device.state.readIndex();
  if (index.root === null || index.root === device.root || index.packets.length === 0) return index;
  throw new JamesError(
    'bad-config',
    `What the state directory ${device.stateDirectory} speaks of is installed below ${index.root} and not below ${device.root}; give that root, or another state directory.`,
  );
}

export interface Resumed {
  outcome: 'nothing' | 'undone' | 'finished';
  /** What failed on the way back without stopping it. */
  sentences: string[];
}

/** Brings a transaction that the journal knows of to its end: finishes or undoes it. Throws if that cannot be done now. */
export async function resume(device: Device, onLog: OnLog): Promise<Resumed> {
  const recovery = recoveryOf(await device.journal.read());
  switch (recovery.kind) {
    case 'nothing':
      await device.state.dropNext();
      await device.journal.clear();
      return { outcome: 'nothing', sentences: [] };
    case 'forget':
      await device.journal.clear();
      return { outcome: 'nothing', sentences: [] };
    case 'finish':
      await finish(device, recovery.written);
      return { outcome: 'finished', sentences: [] };
    case 'undo':
      return { outcome: 'undone', sentences: await undo(device, recovery, onLog) };
  }
}

function reportOwners({ ownersSkipped, journalSteps }: PlannedChange, onLog: OnLog): void {
  if (ownersSkipped === 0) return;
  const names = journalSteps.map(({ name }) => name).join(', ');
  onLog({
    source: 'owners',
    lines: [
      `${ownersSkipped} entries of ${names} belong to the agent's user: owners are not set, because it is not root.`,
    ],
  });
}
