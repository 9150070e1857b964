import type { JournalEntry, JournalStep } from '../core/journal-entry.ts';
import type { Operation } from '../core/operation.ts';
import { actionsOf } from '../core/script-order.ts';
import type { PlannedOperation } from '../core/tree-plan.ts';
import { blaming } from './blame.ts';
import type { PlannedChange } from './change.ts';
import type { Device } from './device.ts';
import { driverJob } from './driver-steps.ts';
import { type OnLog, runScript } from './run-script.ts';
import { stageAll } from './stage.ts';
import { swapIn } from './swap.ts';
import { settleDirectories, syncDirectories } from './unswap.ts';

/** Operations are written into the journal in lines of so many. */
const OPERATIONS_PER_LINE = 200;

/** Writes the packets' change down; from then on it is finished or undone, whatever happens. */
export async function writeDown({ journal }: Device, change: PlannedChange): Promise<void> {
  const { journalSteps, tree } = change;
  const operations = tree.operations.map(plainOperation);
  const lines: JournalEntry[] = [{ entry: 'steps', steps: journalSteps }];
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
  onLog: OnLog,
  signal: AbortSignal,
): Promise<void> {
  const { transaction, tree, packets } = change;
  const installed = new Set(change.index.packets.map(({ id }) => id));
  const { operations } = tree;
  await stageAll({ device, transaction, operations, packets, installed, signal });
  for (const step of change.journalSteps) {
    const packet = packets.find(({ manifest }) => manifest.id === step.to);
    const job = driverJob(device, change, step, onLog);
    if (packet && job)
      await blaming(step.name, () => device.external.prepare(job, packet.file, signal));
  }
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
  for (const action of actionsOf(journalStep)) {
    await device.journal.append({ entry: 'action', step, action });
    if (action.kind === 'files') await moveFiles(device, change, step);
    else if (action.kind === 'script')
      await runScript(device, { ...action, step: journalStep, action: journalStep.kind, onLog });
    else {
      const job = driverJob(device, change, journalStep, onLog);
      if (job) await device.external.change(job);
    }
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
