import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A process of the bench that takes commands as JSON lines and answers each. */
export interface CommandedProcess<Command> {
  readonly pid: number;
  /** Sends the command; resolves with its answer, rejects if the process ends before. */
  ask<Answer>(command: Command): Promise<Answer>;
  /** Ends it and waits for its end. */
  stop(): Promise<void>;
}

/** Starts `node --import tsx FILE` of this folder; resolves when it says that it is ready (an answer with id 0). */
export async function startCommanded<Command extends object>(
  file: string,
  args: readonly string[] = [],
): Promise<CommandedProcess<Command>> {
  const path = join(import.meta.dirname, file);
  const child = spawn(process.execPath, ['--import', 'tsx', path, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  void ended.then(() => {
    for (const { reject } of waiting.values()) reject(new Error(`${file} ended`));
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { id, ...answer } = JSON.parse(line) as { id: number };
    waiting.get(id)?.resolve(answer);
    waiting.delete(id);
  });
  const answerTo = <Answer>(id: number): Promise<Answer> =>
    new Promise((resolve, reject) => {
      waiting.set(id, { resolve: resolve as (answer: unknown) => void, reject });
    });

  let lastId = 0;
  await answerTo(0);
  return {
    pid: child.pid ?? 0,
    ask(command) {
      const id = ++lastId;
      child.stdin.write(`${JSON.stringify({ id, ...command })}\n`);
      return answerTo(id);
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

/** Kernel ticks per second that /proc counts in (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100;

/** CPU time that a process has used, in ms (fields 14 and 15 of proc_pid_stat(5)). */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}

/** Resident memory of a process in bytes. */
export function residentBytes(pid: number): number {
  const [, kilobytes] =
    /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
