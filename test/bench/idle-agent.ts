import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const AGENT_FILE = resolve(import.meta.dirname, '../../dist/jamesc.js');

/** A real agent that has its identity already, on directories of its own. */
export interface IdleAgent {
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts the built agent against a broker on this port; it finds no server over HTTP. */
export function startIdleAgent(device: string, mqttPort: number): IdleAgent {
  const directory = mkdtempSync(join(tmpdir(), 'jamesd-bench-'));
  writeFileSync(
    join(directory, 'identity.json'),
    JSON.stringify({ schema: 'jamesc.identity/1', device, secret: 'secret' }),
    { mode: 0o600 },
  );
  const child = spawn(process.execPath, [
    ...[AGENT_FILE, 'run', '--id', device],
    ...['--server', 'http://127.0.0.1:1', '--mqtt', `mqtt://127.0.0.1:${mqttPort}`],
    ...['--root', join(directory, 'root'), '--state', directory],
  ]);
  child.stdout.resume();
  child.stderr.resume();
  return {
    pid: child.pid ?? 0,
    async stop() {
      await endOf(child, 'SIGTERM');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Ends a child and waits for it. */
export function endOf(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  return new Promise((done) => {
    child.once('close', () => done());
    child.kill(signal);
  });
}

/** Memory of a process that is in RAM, in bytes (VmRSS of proc_pid_status(5)). */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

/** Time that all threads of a process ran on a CPU, in ms (the first field of schedstat, in ns). */
export function ranMs(pid: number, threads: readonly string[]): number {
  const each = threads.map((thread) => {
    const [ns = '0'] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
    return Number(ns) / 1e6;
  });
  return each.reduce((sum, ms) => sum + ms, 0);
}
