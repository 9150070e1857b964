import { onHost } from '../core/device-path.ts';
import type { InstalledIndex } from '../core/installed-index.ts';
import type { JournalEntry, JournalStep, Operation } from '../core/journal-entry.ts';
import type { Recovery, UndoAction, Written } from '../core/recover.ts';
import { actionsOf } from '../core/script-order.ts';
import type { PlannedOperation } from '../core/tree-plan.ts';
import { blaming } from './blame.ts';
import type { PlannedChange } from './change.ts';
import { type Device, unless } from './device.ts';
import { runScript, type ScriptRun } from './run-script.ts';
import { stageAll } from './stage.ts';
import { swapIn } from './swap.ts';
import {
  removeSaved,
  removeTemporary,
  restoreDirectories,
  settleDirectories,
  swapOut,
  syncDirectories,
} from './unswap.ts';

export type OnLog = ScriptRun['onLog'];

/** Operations are written into the journal in lines of so many. */
const OPERATIONS_PER_LINE = 200;

/** Writes the whole change down; from then on it is finished or undone, whatever happens. */
export async function writeDown({ journal }: Device, change: PlannedChange): Promise<void> {
  const { transaction, journalSteps, tree } = change;
  const operations = tree.operations.map(plainOperation);
  const lines: JournalEntry[] = [{ entry: 'begin', version: 1, transaction, steps: journalSteps }];
  for (let at = 0; at < operations.length; at += OPERATIONS_PER_LINE) {
    lines.push({ entry: 'operations', operations: operations.slice(at, at + OPERATIONS_PER_LINE) });
  }
  lines.push({ entry: 'touched', directories: tree.touched }, { entry: 'planned' });
  await journal.append(...lines);
}

function plainOperation(operation: PlannedOperation): Operation {
  const { source: _source, keeps: _keeps, ...plain } = operation;
  return plain;
}

/** Puts everything new on disk beside its place. Until it has resolved an abort is followed. */
export async function stageChange(
  device: Device,
  change: PlannedChange,
  signal: AbortSignal,
): Promise<void> {
  const { transaction, tree, packets } = change;
  await stageAll({ device, transaction, operations: tree.operations, packets, signal });
  signal.throwIfAborted();
  await device.journal.append({ entry: 'staged' });
}

/** Runs all steps, each action written down before it is begun, and makes the result durable. */
export async function applyChange(
  device: Device,
  change: PlannedChange,
  onLog: OnLog,
): Promise<void> {
  const { operations, touched } = change.tree;
  for (const [step, journalStep] of change.journalSteps.entries()) {
    await blaming(journalStep.name, () => takeStep(device, change, step, journalStep, onLog));
  }
  await syncDirectories(device, operations, touched);
}

async function takeStep(
  device: Device,
  change: PlannedChange,
  step: number,
  journalStep: JournalStep,
  onLog: OnLog,
): Promise<void> {
  for (const action of actionsOf[journalStep.kind]) {
    await device.journal.append({ entry: 'action', step, action });
    if (action.kind === 'files') await moveFiles(device, change, step);
    else await runScript(device, { ...action, step: journalStep, action: journalStep.kind, onLog });
  }
}

async function moveFiles(device: Device, change: PlannedChange, step: number): Promise<void> {
  const { operations, touched } = change.tree;
  const own = operations.filter((operation) => operation.step === step);
  const paths = new Set(own.map(({ path }) => path.slice(0, path.lastIndexOf('/')) || '/'));
  await swapIn(device, change.transaction, own);
  await settleDirectories(
    device,
    own,
    touched.filter(({ path }) => paths.has(path)),
  );
}

/** From here on the change is a fact. */
export async function commitChange(device: Device, change: PlannedChange): Promise<void> {
  await device.state.writeNext(await nextIndex(device, change));
  await device.journal.append({ entry: 'commit' });
}

async function nextIndex(device: Device, change: PlannedChange): Promise<InstalledIndex> {
  const { index, tree, nextPackets, nextPoint } = change;
  const keeps = tree.operations.flatMap((operation) => (operation.keeps ? [operation.keeps] : []));
  const replaced = new Set(keeps.map(({ path }) => path));
  const made = tree.operations.filter(({ kind }) => kind === 'make').map(({ path }) => path);
  const directories: string[] = [];
  for (const path of new Set([...index.directories, ...made])) {
    const info = await device.files.lstat(onHost(device.root, path));
    if (info?.type === 'directory') directories.push(path);
  }
  return {
    schema: index.schema,
    root: device.root,
    point: nextPoint,
    packets: [...nextPackets],
    kept: [
      ...index.kept.filter(({ path }) => !tree.restored.has(path) && !replaced.has(path)),
      ...keeps,
    ],
    directories: directories.sort(),
    beside: tree.beside,
  };
}

/** Cleans up after the commit; may be repeated. */
export async function finish(device: Device, written: Written): Promise<void> {
  await device.state.promoteNext();
  await removeSaved(device, written.transaction, written.operations);
  await settleDirectories(device, written.operations, written.touched);
  await syncDirectories(device, written.operations, written.touched);
  await device.state.sweep(await device.state.readIndex());
  await device.journal.clear();
}

/** Takes everything back that the journal says was begun; may be repeated. The scripts that failed at it are named. */
export async function undo(
  device: Device,
  { written, actions }: Recovery & { kind: 'undo' },
  onLog: OnLog,
): Promise<string[]> {
  const failed: string[] = [];
  const before = undoneBefore(await device.journal.read());
  for (const [index, { step, action }] of actions.entries()) {
    const sentence = await undoAction(device, written, { step, action }, onLog);
    if (sentence !== null) failed.push(sentence);
    await noteUndone(device, before + index + 1);
  }
  await removeTemporary(device, written.transaction, written.operations);
  await restoreDirectories(device, written.touched);
  await syncDirectories(device, written.operations, written.touched);
  await device.state.dropNext();
  await device.state.sweep(await device.state.readIndex());
  await device.journal.clear();
  return failed;
}

/** On a full disk the way back goes on without notes; a script may then run once more after a crash. */
async function noteUndone({ journal }: Device, actions: number): Promise<void> {
  await unless(['ENOSPC', 'EDQUOT'], () => journal.append({ entry: 'undone', actions }));
}

function undoneBefore(entries: readonly JournalEntry[]): number {
  return Math.max(0, ...entries.map((line) => (line.entry === 'undone' ? line.actions : 0)));
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
    return null;
  }
  return await undoScript(device, { ...action, step: journalStep, action: 'undo', onLog });
}

/** A counterpart that fails does not stop the way back. */
async function undoScript(device: Device, run: ScriptRun): Promise<string | null> {
  try {
    await runScript(device, run);
    return null;
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error);
    device.log.warn({ packet: run.step.name, script: run.script }, sentence);
    return sentence;
  }
}
