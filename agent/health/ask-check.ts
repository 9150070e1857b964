import type { Clock } from '../../proto/clock.ts';
import type { HealthCheck } from '../../proto/health.ts';
import type { Commands } from '../system/commands.ts';
import { PLAIN_ENVIRONMENT, runShell, sayEnd, sayShort } from '../system/shell.ts';
import type { Probe } from './probe.ts';

export interface AskDeps {
  commands: Commands;
  clock: Clock;
  probe: Probe;
  /** Where packets are installed; commands are told. */
  root: string;
  /** Whether the server answers this device; a rejection counts as no. */
  reachable(signal: AbortSignal): Promise<boolean>;
}

/**
 * Asks once. Null: all is well; else a sentence without its point that says what was asked and what came. Rejects with
 * the signal's reason.
 */
export async function askCheck(
  deps: AskDeps,
  check: HealthCheck,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | null> {
  if ('command' in check) return await askCommand(deps, check.command, timeoutMs, signal);
  if ('unit' in check) return await askUnit(deps, check.unit, timeoutMs, signal);
  const ask = questionOf(deps, check);
  return await withinTime(deps.clock, timeoutMs, signal, ask);
}

async function askCommand(
  { commands, root }: AskDeps,
  command: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | null> {
  const env = { JAMESD_ACTION: 'health', JAMESD_ROOT: root };
  const result = await runShell(commands, command, { timeoutMs, env, signal });
  signal.throwIfAborted();
  if (result.end === 'exited' && result.code === 0) return null;
  return `The command \`${sayShort(command)}\` ${sayEnd(result, timeoutMs)}`;
}

async function askUnit(
  { commands }: AskDeps,
  unit: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | null> {
  const result = await commands.run({
    file: 'systemctl',
    args: ['is-active', '--', unit],
    env: PLAIN_ENVIRONMENT,
    cwd: '/',
    timeoutMs,
    stdoutBytes: 256,
    signal,
  });
  signal.throwIfAborted();
  if (result.end === 'exited' && result.code === 0) return null;
  const state = result.stdout.trim();
  if (result.end === 'exited' && /^[a-z-]+$/.test(state))
    return `The unit ${unit} is ${state} and not active`;
  return `Whether the unit ${unit} is active could not be asked: systemctl ${sayEnd(result, timeoutMs)}`;
}

/** What is asked of the network: resolves like `askCheck`, rejects when nothing answers. */
interface Question {
  subject: string;
  ask(signal: AbortSignal): Promise<string | null>;
}

function questionOf(
  { probe, reachable }: AskDeps,
  check: Exclude<HealthCheck, { command: string } | { unit: string }>,
): Question {
  if ('http' in check) {
    const ask = async (signal: AbortSignal): Promise<string | null> => {
      const came = await probe.http(check.http, signal);
      const wanted = check.status;
      if (wanted === undefined ? came >= 200 && came < 400 : came === wanted) return null;
      return `${sayShort(check.http)} answered with status ${came} and not with ${wanted ?? 'one from 200 to 399'}`;
    };
    return { subject: sayShort(check.http), ask };
  }
  if ('tcp' in check) {
    const at = check.tcp.lastIndexOf(':');
    const host = check.tcp.slice(0, at).replace(/^\[(.*)\]$/, '$1');
    const port = Number(check.tcp.slice(at + 1));
    const ask = (signal: AbortSignal): Promise<null> =>
      probe.tcp(host, port, signal).then(() => null);
    return { subject: sayShort(check.tcp), ask };
  }
  const ask = async (signal: AbortSignal): Promise<string | null> =>
    (await reachable(signal)) ? null : 'The server of jamesd could not be reached';
  return { subject: 'The server of jamesd', ask };
}

async function withinTime(
  clock: Clock,
  timeoutMs: number,
  signal: AbortSignal,
  { subject, ask }: Question,
): Promise<string | null> {
  const late = new AbortController();
  const cancel = clock.after(timeoutMs, () => late.abort(new Error('late')));
  try {
    return await orAborted(ask, AbortSignal.any([late.signal, signal]));
  } catch (error) {
    signal.throwIfAborted();
    if (late.signal.aborted) return `${subject} gave no answer within ${timeoutMs / 1000} s`;
    return `${subject} could not be reached (${whyOf(error)})`;
  } finally {
    cancel();
  }
}

/** Does not wait for one who does not heed the signal. */
function orAborted<Result>(
  act: (signal: AbortSignal) => Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    act(signal).then(resolve, reject);
  });
}

function whyOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message ?? String(error);
}
