import { isDeepStrictEqual } from 'node:util';
import type { Health } from '../../proto/health.ts';
import type { Restarting, RevisionPoint } from '../core/journal-entry.ts';
import { JOURNAL_VERSION } from '../core/journal-entry.ts';
import { writtenIn } from '../core/recover.ts';
import type { PackageChange } from '../packages/package-work.ts';
import type { Outcome } from '../transaction.ts';
import { applyChange, stageChange, writeDown } from './carry-out.ts';
import { type PlannedChange, planChange } from './change.ts';
import type { Course } from './course.ts';
import type { Device } from './device.ts';
import { examine, hasExamination } from './examine.ts';
import { goBack, isAbort, resume } from './go-back.ts';
import { nextIndex } from './next-index.ts';
import { beginTrial } from './own-trial.ts';
import type { PacketChange } from './packet-change.ts';
import { restartNeeded } from './restarts.ts';
import type { OnLog } from './run-script.ts';
import { finish } from './settle.ts';
import type { Tell } from './tell.ts';

/** A transaction before anything is touched: everything that comes as packets is on disk and verified. */
export interface Whole {
  transaction: string;
  /** The desired state that the device has, and the one that it shall have. */
  from: RevisionPoint | null;
  to: RevisionPoint | null;
  packets: PacketChange;
  /** Null where packages stay as they are. */
  packages: PackageChange | null;
  health: Health | null;
  reboot: 'auto' | 'never';
}

export interface How {
  course: Course;
  tell: Tell;
  signal: AbortSignal;
}

/**
 * Carries a transaction out as a whole, or not at all. Aborting the signal counts until the first package is touched or
 * everything is staged. Never throws for what can go wrong on a device.
 */
export async function perform(device: Device, whole: Whole, how: How): Promise<Outcome> {
  const { packets } = whole;
  const idOf = (name: string): string | null =>
    packets.kind === 'steps'
      ? (packets.change.steps.find((step) => step.name === name)?.to ?? null)
      : null;
  try {
    return await forward(device, whole, how);
  } catch (error) {
    how.course.happen(isAbort(how.signal, error) ? 'aborted' : 'failed');
    return await goBack(device, error, how, idOf);
  }
}

/** Makes everything ready, and leaves the device as it is. */
export async function makeReady(device: Device, whole: Whole, how: How): Promise<Outcome> {
  const { packets, packages, transaction } = whole;
  try {
    if (packets.kind === 'steps') await planChange(device, transaction, packets.change);
    if (packages !== null) {
      await begin(device, whole, how);
      await packages.ready();
      await resume(device, how.tell);
    }
    return { kind: 'downloaded' };
  } catch (error) {
    return await goBack(device, error, how, () => null);
  }
}

async function forward(device: Device, whole: Whole, how: How): Promise<Outcome> {
  const { packets, packages, transaction } = whole;
  if (packets.kind === 'nothing' && packages === null) return await onlyIndex(device, packets);
  if (packets.kind === 'steps') await planChange(device, transaction, packets.change);
  how.signal.throwIfAborted();
  await begin(device, whole, how);
  if (packages !== null) await bringPackages(device, packages, how);
  const planned = packets.kind === 'steps' ? await bringPackets(device, whole, packets, how) : null;
  await packages?.remove();
  const next = packets.kind === 'steps' && planned ? await nextIndex(device, planned) : null;
  await device.state.writeNext(next ?? (packets as PacketChange & { kind: 'nothing' }).after);
  how.course.happen('applied');
  const { onLog } = how.tell;
  const needed = await restartNeeded(device, planned, packages, { onLog, reboot: whole.reboot });
  if (needed.now !== null) return await restart(device, needed.now, how.course);
  const outcome = await concludeWell(device, how);
  return needed.later && outcome.kind === 'converged'
    ? { ...outcome, rebootPending: true }
    : outcome;
}

/** No packet changes and no package: the index gets the new point, and what was adopted. */
async function onlyIndex(
  device: Device,
  { before, after }: PacketChange & { kind: 'nothing' },
): Promise<Outcome> {
  if (!isDeepStrictEqual(before, after)) {
    await device.state.writeNext(after);
    await device.state.promoteNext();
  }
  return { kind: 'converged' };
}

async function begin(device: Device, whole: Whole, { course }: How): Promise<void> {
  const { transaction, from, to, health, packages } = whole;
  const manager = packages?.manager ?? null;
  const rest = { version: JOURNAL_VERSION, transaction, from, to, manager, health } as const;
  await device.journal.append({ entry: 'begin', ...rest });
  course.happen(packages === null ? 'downloaded' : 'begun');
}

/** From the first package that is touched an abort is not followed any more. */
async function bringPackages(
  { journal }: Device,
  packages: PackageChange,
  { course, signal }: How,
): Promise<void> {
  await packages.ready();
  signal.throwIfAborted();
  course.happen('downloaded');
  await journal.append({ entry: 'packages', begun: await packages.begun() });
  course.happen('packaging');
  await packages.install();
}

/** Packages may have changed what is on the disk: the operations are worked out again. */
async function bringPackets(
  device: Device,
  { transaction, packages, health }: Whole,
  { change }: PacketChange & { kind: 'steps' },
  { course, tell, signal }: How,
): Promise<PlannedChange> {
  const planned = await planChange(device, transaction, change);
  reportOwners(planned, tell.onLog);
  const abort = packages === null ? signal : new AbortController().signal;
  abort.throwIfAborted();
  await writeDown(device, planned);
  course.happen('journaled');
  await stageChange(device, planned, tell.onLog, abort);
  course.happen('staged');
  const coming = planned.packets.map(({ manifest }) => manifest);
  await beginTrial(device, planned.tree.operations, { health, packets: coming });
  await applyChange(device, planned, tell.onLog);
  return planned;
}

async function restart(device: Device, of: Restarting, course: Course): Promise<Outcome> {
  const { boot, run } = device.moment;
  await device.journal.append({ entry: 'restart', of, id: of === 'machine' ? boot : run });
  course.happen('restarting');
  await device.restart(of);
  return { kind: 'restarting', of };
}

/** Asks how the device is, commits, cleans up. Throws `unhealthy`. */
export async function concludeWell(device: Device, { course, tell }: How): Promise<Outcome> {
  const written = writtenIn(await device.journal.read());
  if (written === null) throw new Error('There is no transaction to conclude.');
  if (await hasExamination(device, written)) {
    course.happen('checking');
    await examine(device, written, tell.onLog, new AbortController().signal);
  }
  await device.journal.append({ entry: 'commit' });
  course.happen('committed');
  await finish(device, written, tell);
  course.happen('cleaned');
  return { kind: 'converged' };
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
