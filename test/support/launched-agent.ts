import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { ServerProcess } from './fleet.ts';

const launcher = resolve(import.meta.dirname, '../../packaging/jamesc-launch');
const dist = process.env.JAMESD_DIST ?? resolve(import.meta.dirname, '../../dist');

/** The built program of the agent. */
export const agentBundle = (): string => readFileSync(join(dist, 'jamesc.js'), 'utf8');

/** The same program with another release number. */
export function bundleOf(version: string): string {
  const text = readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8');
  const own = `"${(JSON.parse(text) as { version: string }).version}"`;
  const bundle = agentBundle();
  if (!bundle.includes(own)) throw new Error('The program does not say its release.');
  return bundle.replaceAll(own, `"${version}"`);
}

/** A program that does something first. */
export function bundleWith(bundle: string, first: string): string {
  const end = bundle.indexOf('\n') + 1;
  return bundle.slice(0, end) + first.replaceAll('\n', ' ') + bundle.slice(end);
}

/** An agent below a root of its own, started by the launcher, which is started again whenever it ends, as a unit would. */
export interface LaunchedAgent {
  root: string;
  state: string;
  /** The agent's program below the root. */
  program: string;
  /** What the launcher and its agents wrote. */
  output(): string;
  /** So many times the launcher was started. */
  starts(): number;
  /** Kills the launcher and all that it started; it is started again. */
  kill(): void;
  /** The environment of the next start is this one too. */
  set(env: Record<string, string>): void;
  /** Ends it for good. */
  stop(): Promise<void>;
}

const AGAIN_MS = 50;

export function launchAgent(
  server: Pick<ServerProcess, 'http' | 'mqtt'>,
  directory: string,
  options: { id: string; joinToken: string; bundle: string; env?: Record<string, string> },
): LaunchedAgent {
  const [root, state] = [join(directory, 'root'), join(directory, 'state')];
  const program = join(root, 'usr/lib/jamesc/jamesc.js');
  const launch = join(directory, 'jamesc-launch');
  mkdirSync(dirname(program), { recursive: true });
  writeFileSync(program, options.bundle);
  copyFileSync(launcher, launch);
  chmodSync(launch, 0o755);
  let env = options.env ?? {};
  let output = '';
  let starts = 0;
  let stopped = false;
  let child: ChildProcess;
  let over: () => void;
  const ended = new Promise<void>((done) => {
    over = done;
  });

  /** What a unit does with what is left of it. */
  const killGroup = (signal: NodeJS.Signals = 'SIGKILL'): void => {
    try {
      process.kill(-(child.pid as number), signal);
    } catch {
      // Nothing of it is left.
    }
  };
  const start = (): void => {
    starts += 1;
    child = spawn(
      launch,
      [
        ...['--server', server.http, '--mqtt', server.mqtt, '--root', root],
        ...['--join-token', options.joinToken, '--labels', `unit=${options.id}`],
        ...['--id', options.id, '--packages', 'off'],
      ],
      {
        cwd: directory,
        detached: true,
        env: {
          PATH: process.env.PATH ?? '',
          JAMESC_PROGRAM: program,
          JAMESC_STATE: state,
          JAMESC_NODE: process.execPath,
          ...env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const add = (text: Buffer): void => {
      output += text.toString();
    };
    child.stdout?.on('data', add);
    child.stderr?.on('data', add);
    child.once('exit', (status, signal) => {
      output += `[the launcher ended: ${status ?? signal}]\n`;
      killGroup();
      setTimeout(() => (stopped ? over() : start()), AGAIN_MS);
    });
  };
  start();

  return {
    ...{ root, state, program },
    output: () => output,
    starts: () => starts,
    kill: () => killGroup(),
    set(more) {
      env = { ...env, ...more };
    },
    async stop() {
      stopped = true;
      killGroup();
      await ended;
    },
  };
}
