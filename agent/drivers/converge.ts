import type { Clock } from '../../proto/clock.ts';
import { isKept, type PacketLine } from '../../proto/desired.ts';
import { JamesError } from '../../proto/errors.ts';
import type { InstalledIndex } from '../core/installed-index.ts';
import { createPacedReporter, type PacedReporter } from '../packages/paced-reporter.ts';
import type { PackageWork, ReadyPackages } from '../packages/package-work.ts';
import type { Outcome, Reporter, Target } from '../transaction.ts';
import type { Device } from './device.ts';
import { type Failed, failedOutcome, withUndoFailures } from './outcomes.ts';
import {
  type ChangeSources,
  carryOutPackets,
  type PacketChange,
  preparePackets,
} from './packet-change.ts';
import { type Course, createCourse, readInstalled } from './perform.ts';

export interface ConvergeParts extends ChangeSources {
  device: Device;
  /** Null where nothing is done with packages, as by hand. */
  packages: PackageWork | null;
  newId: () => string;
}

/** One try to bring a target about. */
interface Try {
  target: Target;
  reporter: Reporter;
  /** For what the package manager says. */
  say: PacedReporter;
  signal: AbortSignal;
  course: Course;
}

/** Brings a device to its target, packages and packets in one, or leaves it as it was. */
export async function convergeDevice(
  parts: ConvergeParts,
  target: Target,
  told: Reporter,
  signal: AbortSignal,
): Promise<Outcome> {
  const reporter = withoutRepeats(told);
  const say = packageReporter(parts.device.clock, reporter);
  const attempt: Try = { target, reporter, say, signal, course: createCourse(reporter) };
  try {
    signal.throwIfAborted();
    const index = await settledIndex(parts, attempt);
    const { packages } = parts;
    if (packages !== null && (await packages.concerns(target)))
      return await convergeAll(parts, packages, index, attempt);
    requireNoPackages(target);
    const change = await preparePackets(parts, index, target, attempt);
    attempt.course.happen('downloaded');
    return await carryOut(parts, change, attempt, signal);
  } catch (error) {
    if (signal.aborted && error === signal.reason) return { kind: 'superseded' };
    return failureOf(error, target, true);
  } finally {
    say.flush();
  }
}

/** Packages and packets pass through the same phases: each is told once. */
function withoutRepeats(reporter: Reporter): Reporter {
  let last = '';
  return {
    ...reporter,
    phase(phase, reason) {
      if (phase !== last) reporter.phase(phase, reason);
      last = phase;
    },
  };
}

/** What is installed, after whatever was cut off has been brought to its end. */
async function settledIndex(
  { device, packages }: ConvergeParts,
  { reporter, say }: Try,
): Promise<InstalledIndex> {
  const index = await readInstalled(device, reporter.log);
  if (packages === null || (await packages.openSince()) === null) return index;
  await packages.recover(index.point, say);
  return await device.state.readIndex();
}

function requireNoPackages({ lock, sources }: Target): void {
  if (lock === null && sources.length === 0) return;
  throw new JamesError('unsupported', 'The agent may not use the package manager of this device.');
}

const carryOut = (
  { device, newId }: ConvergeParts,
  change: PacketChange,
  { course, reporter }: Try,
  signal: AbortSignal,
): Promise<Outcome> =>
  carryOutPackets(device, newId(), change, { course, onLog: reporter.log, signal });

/**
 * Packages first, then the packets' steps, removals of packages last. Everything is on disk before anything is changed.
 * From the first package on it is not given up any more.
 */
async function convergeAll(
  parts: ConvergeParts,
  packages: PackageWork,
  index: InstalledIndex,
  attempt: Try,
): Promise<Outcome> {
  const { target, reporter, say, signal, course } = attempt;
  const { epoch, revision, digest } = target;
  course.happen('planned');
  const ask = { ...target, from: index.point, to: { epoch, revision, digest } };
  const ready = await packages.prepare(ask, say, signal);
  const change = await prepareBoth(parts, ready, index, attempt);
  course.happen('downloaded');
  if (ready.nothing) return await carryOut(parts, change, attempt, signal);
  reporter.phase('applying', null);
  const failed = await ready.apply().then(
    () => null,
    (error: unknown) => failureOf(error, target, true),
  );
  if (failed) return await goBack(ready, failed, attempt);
  const outcome = await carryOut(parts, change, attempt, new AbortController().signal);
  if (outcome.kind === 'failed' && outcome.undone) return await goBack(ready, outcome, attempt);
  if (outcome.kind !== 'converged') return outcome;
  return await ready.finish().then(
    () => outcome,
    (error: unknown) => failureOf(error, target, false),
  );
}

/** If the packets cannot be made ready, what was made ready for packages goes back. */
async function prepareBoth(
  parts: ConvergeParts,
  ready: ReadyPackages,
  index: InstalledIndex,
  attempt: Try,
): Promise<PacketChange> {
  try {
    const change = await preparePackets(parts, index, attempt.target, attempt);
    attempt.signal.throwIfAborted();
    return change;
  } catch (error) {
    await ready.goBack();
    throw error;
  }
}

/** Packages go back too. What does not work now is tried again at the next start or try; the journal has it. */
async function goBack(
  ready: ReadyPackages,
  failed: Failed,
  { reporter, target }: Try,
): Promise<Outcome> {
  reporter.phase('rolling-back', null);
  try {
    return withUndoFailures(failed, await ready.goBack());
  } catch (error) {
    const later = { ...failed, undone: false, retryable: true };
    return withUndoFailures(later, [failureOf(error, target, false).reason]);
  }
}

export const failureOf = (error: unknown, { packets }: Target, undone: boolean): Failed =>
  failedOutcome(error, undone, (name) => idOf(packets, name));

function idOf(lines: readonly PacketLine[], name: string): string | null {
  const line = lines.find((candidate) => candidate.name === name);
  return line && !isKept(line) ? line.id : null;
}

/** What a package manager says, as a script's lines are told. */
export function packageReporter(
  clock: Clock,
  reporter: Pick<Reporter, 'log' | 'progress'>,
): PacedReporter {
  return createPacedReporter(clock, {
    log: (lines) => reporter.log(lines),
    progress: (bytes, total) => {
      const percent = total > 0 ? Math.min(100, (bytes / total) * 100) : 100;
      reporter.progress({ step: 'packages', bytes, total, percent });
    },
  });
}
