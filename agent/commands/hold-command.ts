import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Clock } from '../../proto/clock.ts';
import { JamesError } from '../../proto/errors.ts';
import type { HoldView } from '../gates/hold-view.ts';
import { type AgentConnection, askAgent, connectAgent } from '../socket/local-client.ts';
import type { LocalRequest } from '../socket/local-protocol.ts';
import type { OutputFormat } from './output-format.ts';

export interface HoldRequest {
  state: string;
  name: string;
  /** Null: until it is released. */
  forMs: number | null;
  /** Holds while this program runs; empty: without one. */
  command: readonly string[];
}

export interface HoldDeps {
  clock: Clock;
  writeOut(text: string): void;
  writeError(text: string): void;
}

const quiet = (): void => undefined;
/** Between two tries to come back to an agent that restarts. */
const RETURN_MS = 1000;

/** Asks the agent to hold changes back; with a command, for as long as it runs, and ends with its status. */
export async function hold(request: HoldRequest, deps: HoldDeps): Promise<number> {
  if (request.command.length > 0) return await holdWhile(request, deps);
  const { state, name, forMs } = request;
  const answer = await ask(state, { request: 'hold', name, ...(forMs !== null && { forMs }) });
  if (answer.reply !== 'hold') throw unexpected();
  deps.writeOut(`${lineOf(answer.hold)}\n`);
  return 0;
}

/** Ends a hold: 0, or 1 if there is none of that name. */
export async function release(state: string, name: string, deps: HoldDeps): Promise<number> {
  const answer = await ask(state, { request: 'release', name });
  if (answer.reply !== 'released') throw unexpected();
  if (answer.released) return 0;
  deps.writeError(`jamesc: No hold of the name ${name} is in force.\n`);
  return 1;
}

/** Shows the holds that are in force. */
export async function showHolds(
  state: string,
  format: OutputFormat,
  deps: HoldDeps,
): Promise<number> {
  const answer = await ask(state, { request: 'holds' });
  if (answer.reply !== 'holds') throw unexpected();
  const { holds } = answer;
  if (format === 'json') deps.writeOut(`${JSON.stringify(holds, null, 2)}\n`);
  else deps.writeOut(holds.map((one) => `${lineOf(one)}\n`).join(''));
  return 0;
}

async function ask(state: string, request: LocalRequest) {
  const answer = await askAgent(state, request, quiet);
  if (answer === null) throw noAgent(state);
  return answer;
}

async function holdWhile({ state, name, command }: HoldRequest, deps: HoldDeps): Promise<number> {
  const first = await comeTo(state, name);
  if (first === null) throw noAgent(state);
  const over = new AbortController();
  const staying = stay(first, { state, name, over: over.signal, ...deps });
  try {
    return await runInFront(command, deps);
  } finally {
    over.abort();
    await staying;
  }
}

/** A connection on which the hold was granted; null if there is no agent. */
async function comeTo(state: string, name: string): Promise<AgentConnection | null> {
  const connection = await connectAgent(state);
  if (connection === null) return null;
  try {
    await connection.ask({ request: 'hold', name, whileConnected: true }, quiet);
    return connection;
  } catch (error) {
    connection.end();
    throw error;
  }
}

interface Staying extends HoldDeps {
  state: string;
  name: string;
  over: AbortSignal;
}

/** Keeps the hold until `over`: an agent that restarts is asked again until it grants it. */
async function stay(first: AgentConnection, staying: Staying): Promise<void> {
  const { state, name, over, clock, writeError } = staying;
  const left = new Promise<void>((resolve) => over.addEventListener('abort', () => resolve()));
  for (let connection: AgentConnection | null = first; !over.aborted; ) {
    if (connection) {
      await Promise.race([connection.ended(), left]);
      connection.end();
      if (over.aborted) return;
      writeError(`jamesc: The agent has ended; ${name} is held again as soon as it is back.\n`);
    }
    await clock.sleep(RETURN_MS, over).catch(quiet);
    connection = over.aborted ? null : await comeTo(state, name).catch(() => null);
    if (over.aborted) connection?.end();
  }
}

/** The status of the program as a shell gives it. What the terminal sends reaches both; the program decides. */
function runInFront([file = '', ...args]: readonly string[], deps: HoldDeps): Promise<number> {
  return new Promise((resolve) => {
    // Signals are taken before the program can be seen to run; they are handled once it is there.
    const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
    process.on('SIGTERM', pass).on('SIGHUP', pass).on('SIGINT', quiet);
    const child = spawn(file, args, { stdio: 'inherit' });
    const done = (status: number): void => {
      process.off('SIGTERM', pass).off('SIGHUP', pass).off('SIGINT', quiet);
      resolve(status);
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      deps.writeError(`jamesc: ${file} could not be started: ${error.code ?? error.message}.\n`);
      done(error.code === 'ENOENT' ? 127 : 126);
    });
    child.once('exit', (code, signal) =>
      done(signal === null ? (code ?? 1) : 128 + constants.signals[signal]),
    );
  });
}

const lineOf = ({ name, until, since, whileThere }: HoldView): string => {
  const end = whileThere
    ? 'while its program runs'
    : until === null
      ? 'until it is released'
      : `until ${until}`;
  return `${name}  since ${since}, ${end}`;
};

const noAgent = (state: string): JamesError =>
  new JamesError('unavailable', `No agent runs on ${state}, so that there is nobody to hold back.`);

const unexpected = (): Error => new Error('The agent answered something else.');
