import type { Clock } from '../../proto/clock.ts';
import { isKept } from '../../proto/desired.ts';
import type { Log } from '../../proto/log.ts';
import type { ReportedPackages, ReportedPacket } from '../../proto/reported.ts';
import { joinPath } from '../core/device-path.ts';
import type { InstalledPacket } from '../core/installed-index.ts';
import { isJournalEntry } from '../core/journal-entry.ts';
import { createDrift, type Drift } from '../drift/drift.ts';
import { type PacketDrift, sayDrift } from '../drift/packet-drift.ts';
import { createJournal } from '../journal/journal.ts';
import type { PackageWork } from '../packages/package-work.ts';
import { createInstalledState } from '../state/installed-state.ts';
import { createTrial } from '../state/trial.ts';
import type { Commands } from '../system/commands.ts';
import type { Files } from '../system/files.ts';
import type {
  Downloads,
  LookWish,
  Outcome,
  Reporter,
  Target,
  Transactions,
} from '../transaction.ts';
import { type ConvergeParts, convergeDevice, packageReporter } from './converge.ts';
import { type Course, createCourse } from './course.ts';
import type { Device, Surroundings } from './device.ts';
import { readInstalled } from './go-back.ts';
import { createLocalPackets, type LocalPackets } from './local-packets.ts';
import { makeReady, perform } from './perform.ts';
import { concludeRestarted, giveUpRestart, recoverDevice } from './recover-device.ts';
import { quiet, type Tell } from './tell.ts';

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
  /** What is done with the device's package manager; null: nothing. */
  packages: PackageWork | null;
  /** How long a script may run; ten minutes if not given. */
  scriptTimeoutMs?: number;
  surroundings: Surroundings;
}

/** Installing by plan and by hand; one transaction at a time, whoever asks. */
export interface DeviceTransactions {
  transactions: Transactions;
  local: LocalPackets;
  /** Looks at everything that is installed now, and reads every file. Throws `restart-pending` while a change waits for one. */
  check(): Promise<Found>;
}

/** What is not as it was installed. */
export interface Found {
  packets: PacketDrift[];
  packages: ReportedPackages['wrong'];
}

const SCRIPT_TIMEOUT_MS = 600_000;

export function createTransactions(options: TransactionsOptions): DeviceTransactions {
  const device = createDevice(options);
  const exclusive = createQueue();
  const onLog = (lines: { source: string; lines: string[] }): void =>
    options.log.info({ source: lines.source, lines: lines.lines }, 'A script wrote something.');

  const { packages, files, downloads, newId } = options;
  const drift = createDrift(device);
  const parts: ConvergeParts = { device, files, downloads, newId, drift };
  const logged: Tell = {
    onLog,
    packages: packageReporter(device.clock, { log: onLog, progress: () => undefined }),
  };

  async function ending(act: (tell: Tell, course: Course) => Promise<Outcome>, reporter: Reporter) {
    const say = packageReporter(device.clock, reporter);
    const outcome = await act({ onLog: reporter.log, packages: say }, createCourse(reporter));
    say.flush();
    await lookAfter(device, drift);
    return outcome;
  }

  async function converge(
    carryOut: typeof perform,
    ...[target, ...rest]: Parameters<Transactions['converge']>
  ) {
    const outcome = await convergeDevice(parts, target, ...rest, carryOut);
    await retain(options, outcome, target);
    if (carryOut === perform) await lookAfter(device, drift);
    return outcome;
  }

  return {
    transactions: {
      recover: () => exclusive(() => recoverDevice(device, logged)),
      conclude: (reporter) =>
        exclusive(() =>
          ending((tell, course) => concludeRestarted(device, tell, course), reporter),
        ),
      giveUpRestart: (reporter) =>
        exclusive(() => ending((tell, course) => giveUpRestart(device, tell, course), reporter)),
      converge: (...asked) => exclusive(() => converge(perform, ...asked)),
      download: (...asked) => exclusive(() => converge(makeReady, ...asked)),
      look: (wish) =>
        exclusive(async () => {
          await lookAtPackets(device, drift, wish);
          return await lookAtPackages(options);
        }),
      async installed() {
        const index = await device.state.readIndex();
        const changed = await drift.found();
        const { point } = index;
        return {
          packets: index.packets.map((packet) => packetOf(packet, changed)),
          ...{ point, packages: (await packages?.reported()) ?? null },
        };
      },
    },
    local: createLocalPackets({ device, exclusive, newId: options.newId }),
    check: () =>
      exclusive(async () => {
        const { signal } = new AbortController();
        const index = await readInstalled(device, quiet);
        const changed = await drift.look(index, { thorough: true, check: null, signal });
        await lookAtPackages(options);
        return { packets: changed, packages: (await packages?.reported())?.wrong ?? [] };
      }),
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
    trial: createTrial({ files, state: stateDirectory }),
    journal: createJournal({
      files,
      path: joinPath(stateDirectory, 'journal'),
      isEntry: isJournalEntry,
    }),
    scriptTimeoutMs: options.scriptTimeoutMs ?? SCRIPT_TIMEOUT_MS,
    packages: options.packages,
    ...options.surroundings,
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

/** A package manager that cannot be asked now is no failure: what was found before stays. */
async function lookAtPackages({ packages, log }: TransactionsOptions): Promise<boolean> {
  const again = await packages?.look().catch((error: unknown) => {
    log.warn({ err: error }, 'Packages could not be looked at again.');
  });
  return again === true;
}

/** The same for packets; an aborted signal rejects with its reason. */
async function lookAtPackets(
  device: Device,
  drift: Drift,
  { check = null, signal = new AbortController().signal }: LookWish = {},
): Promise<void> {
  try {
    const index = await readInstalled(device, quiet);
    await drift.look(index, { thorough: false, check, signal });
  } catch (error) {
    signal.throwIfAborted();
    device.log.warn({ err: error }, 'Packets could not be looked at again.');
  }
}

/** After a change: what was wrong before may be right now. */
async function lookAfter(device: Device, drift: Drift): Promise<void> {
  try {
    await drift.again(await device.state.readIndex(), new AbortController().signal);
  } catch (error) {
    device.log.warn({ err: error }, 'Packets could not be looked at after the change.');
  }
}

/** What was installed by hand keeps that word, whatever is wrong with it. */
function packetOf(
  { name, id, origin }: InstalledPacket,
  changed: readonly PacketDrift[],
): ReportedPacket {
  const drift = changed.find((one) => one.name === name && one.id === id);
  const error = drift ? sayDrift(drift) : null;
  const status = drift?.status ?? 'installed';
  return { name, id, status: origin === 'manual' ? 'manual' : status, error };
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
