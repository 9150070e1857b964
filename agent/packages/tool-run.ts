import type { Clock } from '../../proto/clock.ts';
import { JamesError } from '../../proto/errors.ts';
import type { CommandResult, Commands } from '../system/commands.ts';
import type { Files } from '../system/files.ts';
import { lockHolder } from './lock-holder.ts';
import type { PackageReporter } from './package-driver.ts';

/** What every tool runs its programs with. */
export interface ToolHost {
  commands: Commands;
  files: Files;
  clock: Clock;
  /** The host's path of the root, without a slash at its end but for `/`. */
  root: string;
  /** How long to wait for a package manager that another program uses. */
  lockWaitMs: number;
}

export interface ToolRun {
  file: string;
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
  timeoutMs: number;
  /** Its standard output is read. */
  wantsOutput?: boolean;
  reporter?: PackageReporter;
  signal?: AbortSignal;
}

export interface LockSigns {
  /** Whether a program ended because another one uses the package manager. */
  isLocked(result: CommandResult): boolean;
  /** Files whose locks tell who that is: paths on the host. */
  lockFiles: readonly string[];
}

const MAX_STDOUT_BYTES = 64 * 1024 * 1024;
const LOOK_AGAIN_MS = 1000;
const KEPT_LINES = 15;
/** Lines that package managers write whatever happens, and that say nothing of why they failed. */
const NOISE =
  /^(Reading (package lists|state information|database)|Building dependency tree|\(Reading database|(Get|Hit|Ign):\d|W: (Unable to read|Download is performed unsandboxed|Could not open file .*eipp)|Last metadata|Unable to detect release|Dependencies resolved|DNF will only|Downloading Packages|Transaction Summary|(Install|Upgrade|Downgrade|Remove) +\d+ Package|Total (download )?size|Installed size|Freed space|[-=]+$|rpm: (RPM should|However)|Fetched )/;
const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C.UTF-8',
  LANGUAGE: 'C',
  HOME: '/',
  DEBIAN_FRONTEND: 'noninteractive',
  DEBIAN_PRIORITY: 'critical',
  APT_LISTCHANGES_FRONTEND: 'none',
  NEEDRESTART_SUSPEND: '1',
  COLUMNS: '200',
};

export type RunTool = (run: ToolRun) => Promise<CommandResult>;

/**
 * Runs a package manager's programs: with nothing of the agent's own environment, non-interactive, to a limit of time.
 * While another program uses the package manager it is tried again until the host's limit, then `package-manager-locked`
 * says who that is. An aborted signal throws its reason.
 */
export function createRunTool(host: ToolHost, signs: LockSigns): RunTool {
  const { commands, clock } = host;
  return async (run) => {
    let lockedSince: number | null = null;
    let told = '';
    for (;;) {
      const result = await commands.run(commandOf(run));
      run.signal?.throwIfAborted();
      if (result.end === 'exited' && result.code === 0) return result;
      if (!signs.isLocked(result)) return result;
      const holder = (await lockHolder(host.files, signs.lockFiles)) ?? holderIn(result.output);
      lockedSince ??= clock.monotonic();
      if (clock.monotonic() - lockedSince >= host.lockWaitMs) throw locked(run.file, holder, host);
      const sentence = `Waiting for the package manager, which ${holder} uses.`;
      if (sentence !== told) run.reporter?.log([sentence]);
      told = sentence;
      await clock.sleep(LOOK_AGAIN_MS, run.signal);
    }
  };
}

function commandOf(run: ToolRun): Parameters<Commands['run']>[0] {
  const { file, args, timeoutMs, reporter, signal } = run;
  return {
    file,
    args,
    env: { ...ENVIRONMENT, ...run.env },
    cwd: '/',
    timeoutMs,
    ...(run.wantsOutput && { stdoutBytes: MAX_STDOUT_BYTES }),
    ...(reporter && { onOutput: lineReader((lines) => reporter.log(lines)) }),
    ...(signal && { signal }),
  };
}

/** Whole lines of a text that comes in pieces; carriage returns end a line too. */
function lineReader(onLines: (lines: string[]) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split(/[\r\n]+/);
    rest = (lines.pop() ?? '').slice(-4096);
    const said = lines.filter((line) => line.trim() !== '');
    if (said.length > 0) onLines(said);
  };
}

function locked(file: string, holder: string, { lockWaitMs }: ToolHost): JamesError {
  return new JamesError(
    'package-manager-locked',
    `${programName(file)} could not run for ${Math.round(lockWaitMs / 1000)} s, because ${holder} uses the package manager.`,
    { members: { holder } },
  );
}

/** The process that a package manager itself names as the one in its way. */
function holderIn(output: string): string {
  const named = /(?:process|pid|by)\s+(?:with\s+)?(?:pid\s+)?(\d+)(?:\s*\(([^)]+)\))?/i.exec(
    output,
  );
  if (!named) return 'another program';
  const [, pid, program] = named;
  return `process ${pid}${program === undefined ? '' : ` (${program})`}`;
}

export const programName = (file: string): string => file.slice(file.lastIndexOf('/') + 1);

/** Throws `package-failed` with the last lines of what a program wrote, unless it ended well. */
export function requireSuccess(result: CommandResult, doing: string): CommandResult {
  if (result.end === 'exited' && result.code === 0 && !result.truncated) return result;
  throw new JamesError('package-failed', `${doing} failed${endOf(result)}: ${saidBy(result)}`);
}

function endOf({ end, code, truncated }: CommandResult): string {
  if (truncated) return ' with too much output';
  if (end === 'timed-out') return ', as it took too long and was ended';
  if (end === 'not-started') return `, as it could not be started (${code})`;
  return end === 'signalled' ? ` by ${code}` : ` with status ${code}`;
}

/** The last lines of an output, in one line. */
export function saidBy({ output }: Pick<CommandResult, 'output'>): string {
  const lines = lastLines(output);
  return lines.length === 0 ? 'it said nothing.' : lines.join(' · ');
}

export function lastLines(output: string): string[] {
  const lines = output.split(/[\r\n]+/).map((line) => line.trim().slice(0, 300));
  const telling = lines.filter((line) => line !== '' && !NOISE.test(line));
  return [...new Set(telling)].slice(-KEPT_LINES);
}
