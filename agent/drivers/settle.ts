import { hasChanged, type Recovery, type UndoAction, type Written } from '../core/recover.ts';
import type { OpenPackages } from '../packages/package-work.ts';
import { type Device, unless } from './device.ts';
import { driverJob } from './driver-steps.ts';
import { endLeftoverScripts, forgetScripts } from './leftover-scripts.ts';
import { endTrial } from './own-trial.ts';
import { type OnLog, runScript, type ScriptRun } from './run-script.ts';
import { syncPlaces } from './sync-places.ts';
import type { Tell } from './tell.ts';
import {
  removeSaved,
  removeTemporary,
  restoreDirectories,
  settleDirectories,
  swapOut,
  syncDirectories,
} from './unswap.ts';

/** Cleans up after the commit; may be repeated. */
export async function finish(device: Device, written: Written, tell: Tell): Promise<void> {
  // The commit may be readable and yet not durable, if its sync failed.
  await device.journal.sync();
  await device.state.promoteNext();
  await removeSaved(device, written.transaction, written.operations);
  await settleDirectories(device, written.operations, written.touched);
  await syncDirectories(device, written.operations, written.touched);
  for (const step of written.steps) {
    const job = driverJob(device, written, step, tell.onLog);
    if (job) await device.external.commit(job);
  }
  await (await openPackages(device, written, tell))?.conclude();
  await device.state.sweep(await device.state.readIndex());
  await forgetScripts(device);
  await device.journal.clear();
  await endTrial(device);
}

/**
 * Takes everything back that the journal says was begun, the last first: packets, then packages, then source files. May be
 * repeated. The next index goes before all: then nobody commits any more, also where there was no space to note why. Gives
 * what failed at it without stopping it, as sentences.
 */
export async function undo(
  device: Device,
  { written }: Recovery & { kind: 'undo' },
  tell: Tell,
): Promise<string[]> {
  const sentences: string[] = [];
  await device.state.dropNext();
  await endLeftoverScripts(device, written);
  for (const [index, action] of written.back.entries()) {
    const sentence = await undoAction(device, written, action, tell.onLog);
    if (sentence !== null) sentences.push(sentence);
    await noteUndone(device, written.undone + index + 1);
  }
  if (written.planned) {
    sentences.push(...(await discardPrepared(device, written, tell.onLog)));
    await putFilesRight(device, written);
  }
  sentences.push(...((await (await openPackages(device, written, tell))?.undo()) ?? []));
  await device.state.sweep(await device.state.readIndex());
  await forgetScripts(device);
  const mustRestart = written.restarted === 'machine' && hasChanged(written) && !written.settled;
  await (mustRestart ? noteSettled(device) : device.journal.clear());
  await endTrial(device);
  if (mustRestart) await device.restart('machine');
  return sentences;
}

/**
 * What runs was started from what is taken back now. The journal stays, so that after the restart it is known why; without
 * that the same would be tried again, and again. On a full disk it is forgotten.
 */
async function noteSettled({ journal }: Device): Promise<void> {
  if (!(await unless(['ENOSPC', 'EDQUOT'], () => journal.append({ entry: 'settled' }))))
    await journal.clear();
}

/** What drivers made ready and were never told to install. */
async function discardPrepared(device: Device, written: Written, onLog: OnLog): Promise<string[]> {
  const sentences: string[] = [];
  for (const [index, step] of written.steps.entries()) {
    const job = written.driven.includes(index) ? null : driverJob(device, written, step, onLog);
    const sentence = job && (await noting(device, () => device.external.rollback(job)));
    if (sentence) sentences.push(sentence);
  }
  return sentences;
}

async function putFilesRight(device: Device, written: Written): Promise<void> {
  await removeTemporary(device, written.transaction, written.operations);
  await restoreDirectories(device, written.touched);
  await syncDirectories(device, written.operations, written.touched);
}

async function openPackages(
  device: Device,
  { packages }: Written,
  tell: Tell,
): Promise<OpenPackages | null> {
  if (packages === null) return null;
  if (device.packages === null)
    throw new Error('A change of packages is open, and the package manager may not be used.');
  return await device.packages.reopen(packages.manager, packages.begun, tell.packages);
}

/** On a full disk the way back goes on without notes; a script may then run once more after a crash. */
async function noteUndone({ journal }: Device, actions: number): Promise<void> {
  await unless(['ENOSPC', 'EDQUOT'], () => journal.append({ entry: 'undone', actions }));
}

async function undoAction(
  device: Device,
  written: Written,
  { step, action }: UndoAction,
  onLog: OnLog,
): Promise<string | null> {
  const journalStep = written.steps[step];
  if (!journalStep) return null;
  if (action.kind === 'files') {
    const own = written.operations.filter((operation) => operation.step === step);
    await swapOut(device, written.transaction, own);
    await syncPlaces(device, own);
    return null;
  }
  const job = driverJob(device, written, journalStep, onLog);
  if (action.kind === 'driver')
    return job ? await noting(device, () => device.external.rollback(job)) : null;
  return await undoScript(device, { ...action, step: journalStep, action: 'undo', onLog });
}

const undoScript = (device: Device, run: ScriptRun): Promise<string | null> =>
  noting(device, () => runScript(device, run));

/** What fails on the way back does not stop it. */
async function noting(device: Device, act: () => Promise<void>): Promise<string | null> {
  try {
    await act();
    return null;
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error);
    device.log.warn({ err: error }, 'Something failed on the way back.');
    return sentence;
  }
}
