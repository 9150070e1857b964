import type { Clock } from '../../proto/clock.ts';
import { isKept } from '../../proto/desired.ts';
import type { Log } from '../../proto/log.ts';
import { joinPath } from '../core/device-path.ts';
import { isJournalEntry } from '../core/journal-entry.ts';
import { createDrift } from '../drift/drift.ts';
import { createJournal } from '../journal/journal.ts';
import type { PackageWork } from '../packages/package-work.ts';
import { createInstalledState } from '../state/installed-state.ts';
import { createTrial } from '../state/trial.ts';
import type { Commands } from '../system/commands.ts';
import type { Files } from '../system/files.ts';
import type { Downloads, Outcome, Reporter, Target, Transactions } from '../transaction.ts';
import { type ConvergeParts, convergeDevice, packageReporter } from './converge.ts';
import { type Course, createCourse } from './course.ts';
import type { Device, Surroundings } from './device.ts';
import { createLocalPackets, type LocalPackets } from './local-packets.ts';
import { createLooks } from './looks.ts';
import { makeReady, perform } from './perform.ts';
import { concludeRestarted, giveUpRestart, recoverDevice } from './recover-device.ts';
import type { Tell } from './tell.ts';

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
}

const SCRIPT_TIMEOUT_MS = 600_000;

export function createTransactions(options: TransactionsOptions): DeviceTransactions {
  const device = createDevice(options);
  const exclusive = createQueue();
  const onLog = (lines: { source: string; lines: string[] }): void =>
    options.log.info({ source: lines.source, lines: lines.lines }, 'A script wrote something.');

  const { files, downloads, newId } = options;
  const drift = createDrift(device);
  const looks = createLooks(device, drift);
  const parts: ConvergeParts = { device, files, downloads, newId, drift };
  const logged: Tell = {
    onLog,
    packages: packageReporter(device.clock, { log: onLog, progress: () => undefined }),
  };

  async function ending(act: (tell: Tell, course: Course) => Promise<Outcome>, reporter: Reporter) {
    const say = packageReporter(device.clock, reporter);
    const outcome = await act({ onLog: reporter.log, packages: say }, createCourse(reporter));
    say.flush();
    await looks.afterChange();
    return outcome;
  }

  async function converge(
    carryOut: typeof perform,
    ...[target, ...rest]: Parameters<Transactions['converge']>
  ) {
    const outcome = await convergeDevice(parts, target, ...rest, carryOut);
    await retain(options, outcome, target);
    if (carryOut === perform) await looks.afterChange();
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
      look: (wish) => exclusive(() => looks.look(wish)),
      installed: () => looks.installed(),
    },
    local: createLocalPackets({ device, exclusive, newId, check: () => looks.check() }),
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
