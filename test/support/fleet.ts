import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * Real processes of the built programs, on loopback, each with directories of its own. `JAMESD_DIST` names another
 * directory to take the programs from.
 */
const dist = process.env.JAMESD_DIST ?? resolve(import.meta.dirname, '../../dist');

export interface Finished {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** A running program; `output` is what it wrote so far. */
export interface Running {
  process: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Resolves when it has ended. */
  ended: Promise<Finished>;
  /** Sends the signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Finished>;
}

export interface RunOptions {
  env?: Record<string, string>;
  stdin?: string;
  cwd?: string;
  /** Number of the user and group that the program runs as; this user if not given. */
  user?: number;
}

/** Starts a built program (`jamesd`, `jamesc`, `jamesd-ctl`). */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Running {
  const child = spawn(process.execPath, [join(dist, `${program}.js`), ...args], {
    cwd: options.cwd ?? tmpdir(),
    env: { PATH: process.env.PATH ?? '', HOME: tmpdir(), NO_COLOR: '1', ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.user !== undefined && { uid: options.user, gid: options.user }),
  });
  const written = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (written.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (written.stderr += text));
  child.stdin.on('error', () => {}).end(options.stdin ?? '');
  const ended = new Promise<Finished>((done, fail) => {
    child.on('error', fail);
    child.on('close', (status) => done({ status, ...written }));
  });
  return {
    process: child,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    ended,
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return ended;
    },
  };
}

/** Repeats `look` until it gives something, and fails after `ms` with what `describe` says. */
export async function until<Value>(
  look: () => Promise<Value | undefined | false> | Value | undefined | false,
  describe: () => string = () => 'the condition never held',
  ms = 30_000,
): Promise<Value> {
  const end = performance.now() + ms;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > end) throw new Error(`after ${ms} ms: ${describe()}`);
    await new Promise((next) => setTimeout(next, 20));
  }
}

/** A directory of its own below the system's temporary one; `remove` takes it away. */
export function temporaryDirectory(name = 'jamesd-test-'): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), name));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface ServerProcess {
  http: string;
  mqtt: string;
  token: string;
  data: string;
  running: Running;
  /** Runs `jamesd-ctl` as the operator and waits for its end. */
  ctl(args: readonly string[], options?: RunOptions): Promise<Finished>;
  /** `ctl … -o json`, parsed; fails if the exit status is not 0. */
  ctlJson<Value = unknown>(args: readonly string[], options?: RunOptions): Promise<Value>;
  /** An API call as the operator; the answer's JSON. */
  api<Value = unknown>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: Value }>;
  stop(signal?: NodeJS.Signals): Promise<Finished>;
}

/** Starts `jamesd serve` on `data`, on free ports unless others are given, and waits until it is ready. */
export async function startServer(
  data: string,
  args: readonly string[] = [],
): Promise<ServerProcess> {
  const tokenFile = join(data, 'operator-token');
  const has = (flag: string): boolean => args.includes(flag);
  const running = run('jamesd', [
    'serve',
    ...['--data', join(data, 'server'), '--token-file', tokenFile],
    ...(has('--http') ? [] : ['--http', '127.0.0.1:0']),
    ...(has('--mqtt') ? [] : ['--mqtt', '127.0.0.1:0']),
    ...args,
  ]);
  const line = await until(
    () => {
      if (running.process.exitCode !== null)
        throw new Error(`the server ended: ${running.stderr()}`);
      return running
        .stdout()
        .split('\n')
        .find((text) => text.startsWith('{'));
    },
    () => `the server is not ready: ${running.stderr()}`,
  );
  const { http, mqtt } = JSON.parse(line) as { http: string; mqtt: string };
  const token = readFileSync(tokenFile, 'utf8').trim();
  return {
    http,
    mqtt,
    token,
    data,
    running,
    stop: (signal) => running.stop(signal),
    ...operator(http, token),
  };
}

function operator(http: string, token: string): Pick<ServerProcess, 'ctl' | 'ctlJson' | 'api'> {
  const env = { JAMESD_SERVER: http, JAMESD_TOKEN: token };
  const ctl: ServerProcess['ctl'] = (args, options = {}) =>
    run('jamesd-ctl', args, { ...options, env: { ...env, ...options.env } }).ended;
  return {
    ctl,
    async ctlJson<Value>(args: readonly string[], options?: RunOptions) {
      const { status, stdout, stderr } = await ctl([...args, '-o', 'json'], options);
      if (status !== 0)
        throw new Error(`jamesd-ctl ${args.join(' ')} ended with ${status}: ${stderr}${stdout}`);
      return JSON.parse(stdout) as Value;
    },
    async api<Value>(
      method: string,
      path: string,
      body?: unknown,
      headers: Record<string, string> = {},
    ) {
      const answer = await fetch(`${http}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, body: (text === '' ? null : JSON.parse(text)) as Value };
    },
  };
}

export interface AgentOptions {
  id: string;
  labels?: string;
  joinToken?: string;
  /** `off`, or an address; the server's own by default. */
  mqtt?: string;
  args?: readonly string[];
  env?: Record<string, string>;
  user?: number;
}

export interface AgentProcess {
  id: string;
  root: string;
  state: string;
  running: Running;
  stop(signal?: NodeJS.Signals): Promise<Finished>;
}

/** Starts `jamesc run` with root and state below `directory`; starting it again takes up its state. */
export function startAgent(
  server: Pick<ServerProcess, 'http' | 'mqtt'>,
  directory: string,
  options: AgentOptions,
): AgentProcess {
  const root = join(directory, options.id, 'root');
  const state = join(directory, options.id, 'state');
  const running = run(
    'jamesc',
    [
      'run',
      ...['--server', server.http, '--mqtt', options.mqtt ?? server.mqtt, '--id', options.id],
      ...['--root', root, '--state', state],
      ...(options.joinToken ? ['--join-token', options.joinToken] : []),
      ...(options.labels ? ['--labels', options.labels] : []),
      ...(options.args ?? []),
    ],
    {
      ...(options.env && { env: options.env }),
      ...(options.user !== undefined && { user: options.user }),
    },
  );
  return { id: options.id, root, state, running, stop: (signal) => running.stop(signal) };
}
