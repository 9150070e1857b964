import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../proto/clock.ts';
import { isKept, type PacketLine, type WantedPacket } from '../../proto/desired.ts';
import type { Log } from '../../proto/log.ts';
import { joinPath } from '../core/device-path.ts';
import type { InstalledIndex, InstalledPacket } from '../core/installed-index.ts';
import type { Manifest } from '../core/manifest.ts';
import { planSteps, type Step } from '../core/plan-steps.ts';
import { createJournal } from '../journal/journal.ts';
import { createInstalledState } from '../state/installed-state.ts';
import type { Commands } from '../system/commands.ts';
import type { Files } from '../system/files.ts';
import type {
  Downloads,
  InstalledState,
  Outcome,
  Reporter,
  Target,
  Transactions,
} from '../transaction.ts';
import type { Device } from './device.ts';
import { fetchPackets } from './fetch-packets.ts';
import { createLocalPackets, type LocalPackets } from './local-packets.ts';
import { failedOutcome } from './outcomes.ts';
import { type Course, createCourse, perform, readInstalled, resume } from './perform.ts';
import type { ReadPacketFile } from './read-manifest.ts';

export interface TransactionsOptions {
  /** Where packets are installed, and where the agent keeps its state: absolute paths on the host. */
  root: string;
  state: string;
  files: Files;
  commands: Commands;
  downloads: Downloads;
  clock: Clock;
  log: Log;
  /** Who the agent is: owners of files are set only by root. */
  user: { uid: number; gid: number };
  /** Names a transaction; never the same twice. */
  newId: () => string;
  /** How long a script may run; ten minutes if not given. */
  scriptTimeoutMs?: number;
}

/** Installing by plan and by hand; one transaction at a time, whoever asks. */
export interface DeviceTransactions {
  transactions: Transactions;
  local: LocalPackets;
}

const SCRIPT_TIMEOUT_MS = 600_000;

export function createTransactions(options: TransactionsOptions): DeviceTransactions {
  const device = createDevice(options);
  const exclusive = createQueue();
  const onLog = (lines: { source: string; lines: string[] }): void =>
    options.log.info({ source: lines.source, lines: lines.lines }, 'A script wrote something.');

  async function recover(): Promise<Outcome | null> {
    await device.state.prepare();
    const { outcome, sentences } = await resume(device, onLog);
    if (outcome === 'nothing') return null;
    if (outcome === 'finished') return { kind: 'converged' };
    const reason = ['The device stopped in the middle; all was put back.', ...sentences].join(' ');
    const failed = { undone: true, code: 'interrupted', retryable: true, failures: [] };
    return { kind: 'failed', reason, ...failed };
  }

  return {
    transactions: {
      recover: () => exclusive(recover),
      converge: (target, reporter, signal) =>
        exclusive(() => converge(device, options, target, reporter, signal)),
      installed: async () => installedOf(await device.state.readIndex()),
    },
    local: createLocalPackets({ device, exclusive, newId: options.newId }),
  };
}

function createDevice(options: TransactionsOptions): Device {
  const { files, commands, clock, log, user } = options;
  const root = withoutSlash(options.root);
  const stateDirectory = withoutSlash(options.state);
  return {
    files,
    commands,
    clock,
    log,
    user,
    root,
    stateDirectory,
    state: createInstalledState({ files, state: stateDirectory }),
    journal: createJournal({ files, path: joinPath(stateDirectory, 'journal') }),
    scriptTimeoutMs: options.scriptTimeoutMs ?? SCRIPT_TIMEOUT_MS,
  };
}

const withoutSlash = (path: string): string => path.replace(/\/+$/, '') || '/';

/** Runs one after the other, in the order in which they were asked for. */
function createQueue(): <Result>(act: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const result = last.then(act);
    last = result.catch(() => undefined);
    return result;
  };
}

/** A step that is not right any more is found by the plan; the disk is not compared. */
function installedOf({ point, packets }: InstalledIndex): InstalledState {
  return {
    point,
    packets: packets.map(({ name, id, origin }) => ({
      name,
      id,
      status: origin === 'manual' ? 'manual' : 'installed',
      error: null,
    })),
  };
}

async function converge(
  device: Device,
  options: TransactionsOptions,
  target: Target,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<Outcome> {
  const course = createCourse(reporter);
  const outcome = await bringAbout(device, options, target, reporter, course, signal).catch(
    (error: unknown): Outcome =>
      signal.aborted && error === signal.reason
        ? { kind: 'superseded' }
        : failedOutcome(error, true, (name) => idOf(target.packets, name)),
  );
  await retain(options, outcome, target);
  return outcome;
}

async function bringAbout(
  device: Device,
  options: TransactionsOptions,
  target: Target,
  reporter: Reporter,
  course: Course,
  signal: AbortSignal,
): Promise<Outcome> {
  signal.throwIfAborted();
  const index = await readInstalled(device, reporter.log);
  const { packets: lines } = target;
  const plan = planSteps(index.packets, lines, dependsOf(index, []));
  const nextPoint = { epoch: target.epoch, revision: target.revision, digest: target.digest };
  if (plan.steps.length === 0) {
    await replaceIndex(device, index, {
      ...index,
      point: nextPoint,
      packets: adopt(index, plan.adopted),
    });
    return { kind: 'converged' };
  }
  course.happen('planned');
  const wanted = plan.steps.flatMap((step) => wantedBy(lines, step));
  const packets = await fetchPackets(options, wanted, reporter, signal);
  course.happen('downloaded');
  const manifests = packets.map(({ manifest }) => manifest);
  const { steps } = planSteps(index.packets, lines, dependsOf(index, manifests));
  const nextPackets = packetsAfter(adopt(index, plan.adopted), steps, manifests);
  const change = { steps, packets: inStepOrder(steps, packets), index, nextPackets, nextPoint };
  return await perform(device, options.newId(), change, course, reporter.log, signal);
}

const wantedBy = (lines: readonly PacketLine[], step: Step): WantedPacket[] =>
  lines.flatMap((line) =>
    !isKept(line) && line.id === step.to && line.name === step.name ? [line] : [],
  );

function dependsOf(index: InstalledIndex, manifests: readonly Manifest[]) {
  const all = new Map([...index.packets, ...manifests].map(({ id, depends }) => [id, depends]));
  return (id: string): readonly string[] => all.get(id) ?? [];
}

/** What was installed by hand and stands in the target belongs to the plan from now on. */
function adopt(index: InstalledIndex, adopted: readonly string[]): InstalledPacket[] {
  return index.packets.map((packet) =>
    adopted.includes(packet.name) ? { ...packet, origin: 'plan' } : packet,
  );
}

function packetsAfter(
  packets: readonly InstalledPacket[],
  steps: readonly Step[],
  manifests: readonly Manifest[],
): InstalledPacket[] {
  const changing = new Set(steps.map(({ name }) => name));
  const coming = manifests.map(
    ({ name, id, labels, depends }): InstalledPacket => ({
      name,
      id,
      labels,
      depends,
      origin: 'plan',
    }),
  );
  return [...packets.filter(({ name }) => !changing.has(name)), ...coming];
}

function inStepOrder(steps: readonly Step[], packets: readonly ReadPacketFile[]): ReadPacketFile[] {
  return steps.flatMap(({ to }) => packets.filter(({ manifest }) => manifest.id === to));
}

async function replaceIndex(
  device: Device,
  before: InstalledIndex,
  after: InstalledIndex,
): Promise<void> {
  if (isDeepStrictEqual(before, after)) return;
  await device.state.writeNext(after);
  await device.state.promoteNext();
}

function idOf(lines: readonly PacketLine[], name: string): string | null {
  const line = lines.find((candidate) => candidate.name === name);
  return line && !isKept(line) ? line.id : null;
}

/** What is installed needs its file no more; what is not yet may be tried again. */
async function retain(
  { downloads, log }: TransactionsOptions,
  outcome: Outcome,
  { packets }: Target,
): Promise<void> {
  const ids = packets.flatMap((line) => (isKept(line) ? [] : [line.id]));
  const keep = outcome.kind === 'converged' ? [] : ids;
  await downloads.retain(new Set(keep)).catch((error: unknown) => {
    log.warn({ err: error }, 'Files that are not needed any more could not be removed.');
  });
}
