import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock } from '../../proto/clock.ts';

/** The port to other programs on the device. */
export interface Commands {
  /** Runs a program to its end; never throws for what the program does. */
  run(command: Command): Promise<CommandResult>;
}

export interface Command {
  file: string;
  args: readonly string[];
  /** The whole environment; nothing of the agent's own is added. */
  env: Readonly<Record<string, string>>;
  cwd: string;
  timeoutMs: number;
  /** What it may read from its standard input; nothing if not given. */
  stdin?: string;
  /** What `output` is of: both outputs if not given. */
  keep?: 'both' | 'stderr';
  /** Between asking its process group to end and ending it, in ms: 5000 if not given; with 0 it is ended at once. */
  graceMs?: number;
  /** Of its standard output this many bytes are given back, from its beginning; none if not given. */
  stdoutBytes?: number;
  /** Told of what it writes to both outputs, as it comes. */
  onOutput?(text: string): void;
  /** Told of its process, which leads a process group, once it was started. */
  onStart?(pid: number): void;
  /** Ends the process group when it is aborted; the command then counts as `signalled`. */
  signal?: AbortSignal;
}

export interface CommandResult {
  /** `not-started`: the program could not be executed; `code` is the system's error code. */
  end: 'exited' | 'signalled' | 'timed-out' | 'not-started';
  /** Exit status, signal name or system error code. */
  code: number | string;
  /** The last part of what it wrote to both outputs, or to the one that was asked for. */
  output: string;
  /** The first `stdoutBytes` of its standard output. */
  stdout: string;
  /** There was more standard output than `stdoutBytes`. */
  truncated: boolean;
}

/** Of the output this much is kept, from its end. */
export const KEPT_OUTPUT_BYTES = 16 * 1024;
/** Between asking a process group to end and ending it. */
const GRACE_MS = 5000;
/** After a program ended, its last output may still be on the way this long; a daemon it left behind may hold the pipe. */
const DRAIN_MS = 200;

/** Runs programs in a process group of their own, which is ended as a whole when time is up. */
export function createCommands({ clock }: { clock: Clock }): Commands {
  return {
    run(command) {
      return new Promise((resolve) => {
        const child = begin(command);
        if (typeof child === 'string') resolve(notStarted(child));
        else watch(child, command, clock, resolve);
      });
    },
  };
}

/** The process, or the code of the error for what no process can be given, such as a NUL in an argument. */
function begin({ file, args, cwd, env, stdin }: Command): ChildProcess | string {
  const input = stdin === undefined ? 'ignore' : 'pipe';
  try {
    return spawn(file, args, { cwd, env, detached: true, stdio: [input, 'pipe', 'pipe'] });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code ?? message;
  }
}

const notStarted = (code: string): CommandResult => ({
  end: 'not-started',
  code,
  output: '',
  stdout: '',
  truncated: false,
});

function watch(
  child: ChildProcess,
  command: Command,
  clock: Clock,
  resolve: (result: CommandResult) => void,
): void {
  const output = keepOutput(child, command.keep ?? 'both');
  const stdout = keepStdout(child, command.stdoutBytes ?? 0);
  passOutput(child, command);
  giveInput(child, command.stdin);
  if (child.pid !== undefined) command.onStart?.(child.pid);
  let timedOut = false;
  let cancelKill = (): void => undefined;
  const endGroup = (): void => {
    const graceMs = command.graceMs ?? GRACE_MS;
    killGroup(child, graceMs === 0 ? 'SIGKILL' : 'SIGTERM');
    cancelKill = clock.after(graceMs, () => killGroup(child, 'SIGKILL'));
  };
  const cancelTimeout = clock.after(command.timeoutMs, () => {
    timedOut = true;
    endGroup();
  });
  if (command.signal?.aborted) endGroup();
  command.signal?.addEventListener('abort', endGroup, { once: true });
  const finish = (end: CommandResult['end'], code: number | string): void => {
    cancelTimeout();
    cancelKill();
    command.signal?.removeEventListener('abort', endGroup);
    if (timedOut || command.signal?.aborted) killGroup(child, 'SIGKILL');
    const done = (): void => {
      cancelDrain();
      child.stdout?.destroy();
      child.stderr?.destroy();
      resolve({ end: timedOut ? 'timed-out' : end, code, output: output(), ...stdout() });
    };
    const cancelDrain = clock.after(DRAIN_MS, done);
    child.once('close', done);
    if (end === 'not-started') done();
  };
  child.once('error', (error: NodeJS.ErrnoException) => {
    if (child.pid === undefined) finish('not-started', error.code ?? error.message);
  });
  child.once('exit', (code, signal) => {
    if (signal) finish('signalled', signal);
    else finish('exited', code ?? 0);
  });
}

/** A program may end without reading what it is given. */
function giveInput({ stdin }: ChildProcess, text: string | undefined): void {
  stdin?.on('error', () => undefined);
  stdin?.end(text);
}

function keepOutput(child: ChildProcess, of: 'both' | 'stderr'): () => string {
  let kept = Buffer.alloc(0);
  const add = (chunk: Buffer): void => {
    kept = Buffer.concat([kept, chunk]).subarray(-KEPT_OUTPUT_BYTES);
  };
  if (of === 'both') child.stdout?.on('data', add);
  child.stderr?.on('data', add);
  return () => kept.toString('utf8');
}

/** The beginning of the standard output. */
function keepStdout(
  child: ChildProcess,
  limit: number,
): () => Pick<CommandResult, 'stdout' | 'truncated'> {
  const pieces: Buffer[] = [];
  let seen = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    if (seen < limit) pieces.push(chunk.subarray(0, limit - seen));
    seen += chunk.length;
  });
  return () => ({
    stdout: Buffer.concat(pieces).toString('utf8'),
    truncated: limit > 0 && seen > limit,
  });
}

function passOutput(child: ChildProcess, { onOutput }: Command): void {
  if (!onOutput) return;
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => onOutput(chunk.toString('utf8')));
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group has ended already.
  }
}
