import type { Clock } from '../../proto/clock.ts';
import { isKept, type PacketLine } from '../../proto/desired.ts';
import { JamesError } from '../../proto/errors.ts';
import type { Drift } from '../drift/drift.ts';
import { createPacedReporter, type PacedReporter } from '../packages/paced-reporter.ts';
import type { PackageChange } from '../packages/package-work.ts';
import type { Outcome, Reporter, Target } from '../transaction.ts';
import { type Course, createCourse } from './course.ts';
import type { Device } from './device.ts';
import { readInstalled } from './go-back.ts';
import { type Failed, failedOutcome } from './outcomes.ts';
import { type ChangeSources, preparePackets } from './packet-change.ts';
import { perform } from './perform.ts';

export interface ConvergeParts extends ChangeSources {
  device: Device;
  newId: () => string;
  drift: Pick<Drift, 'again'>;
}

/**
 * Brings a device to its target, packages and packets in one, or leaves it as it was. With `makeReady` it only downloads
 * what that needs.
 */
export async function convergeDevice(
  { device, newId, drift, ...sources }: ConvergeParts,
  target: Target,
  reporter: Reporter,
  signal: AbortSignal,
  carryOut: typeof perform = perform,
): Promise<Outcome> {
  const say = packageReporter(device.clock, reporter);
  const tell = { onLog: reporter.log, packages: say };
  const course = createCourse(reporter);
  try {
    signal.throwIfAborted();
    // Whoever waits for a restart does not come here: a way back that failed is gone again.
    const index = await readInstalled(device, tell, 'back');
    const packages = await planPackages(device, target, { say, course, signal });
    const { epoch, revision, digest, policy } = target;
    const changed = policy.drift === 'repair' ? await drift.again(index, signal) : [];
    const repair = new Set(changed.map(({ name }) => name));
    const how = { course, reporter, signal, repair };
    const packets = await preparePackets(sources, index, target, how);
    const whole = {
      transaction: newId(),
      ...{ from: index.point, to: { epoch, revision, digest } },
      ...{ packets, packages },
      ...{ health: policy.health ?? null, reboot: policy.reboot ?? 'auto' },
    };
    return await carryOut(device, whole, { course, tell, signal });
  } catch (error) {
    if (signal.aborted && error === signal.reason) return { kind: 'superseded' };
    return failureOf(error, target, true);
  } finally {
    say.flush();
  }
}

async function planPackages(
  { packages }: Device,
  target: Target,
  { say, course, signal }: { say: PacedReporter; course: Course; signal: AbortSignal },
): Promise<PackageChange | null> {
  if (packages !== null && (await packages.concerns(target))) {
    course.happen('planned');
    return await packages.plan(target, say, signal);
  }
  if (target.lock === null && target.sources.length === 0) return null;
  throw new JamesError('unsupported', 'The agent may not use the package manager of this device.');
}

const failureOf = (error: unknown, { packets }: Target, undone: boolean): Failed =>
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
