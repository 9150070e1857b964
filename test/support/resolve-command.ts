import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** An answer of `jamesd resolve`, a line of its output. */
export interface ResolveLine {
  request: string;
  ok: boolean;
  packages: {
    name: string;
    version: string;
    arch: string;
    type: string;
    reason: { kind: string; by?: string };
  }[];
  removed: { name: string; version: string; arch: string }[];
  unresolved: string[];
  problems: string[];
  ms: number;
}

export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program with a text as its input, to its end. */
export function runWithInput(
  program: string,
  args: readonly string[],
  input: string,
): Promise<Ended> {
  return new Promise((done, failed) => {
    const child = spawn(program, [...args], { cwd: root });
    const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    child.stdout.on('data', (chunk: Buffer) => output.stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => output.stderr.push(chunk));
    child.on('error', failed);
    child.on('close', (status) =>
      done({
        status,
        stdout: Buffer.concat(output.stdout).toString(),
        stderr: Buffer.concat(output.stderr).toString(),
      }),
    );
    // A program that ends before it has read all says why on its standard error.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** Runs `jamesd resolve` from the sources. */
export function runResolve(args: readonly string[], input = ''): Promise<Ended> {
  const main = join(root, 'server/main.ts');
  return runWithInput(process.execPath, ['--import', 'tsx', main, 'resolve', ...args], input);
}

/** The answers to requests; throws with what the program said if it failed. */
export async function resolveLines(
  args: readonly string[],
  requests: readonly string[],
): Promise<ResolveLine[]> {
  const ended = await runResolve([...args, '--requests', '-'], `${requests.join('\n')}\n`);
  if (ended.status !== 0) throw new Error(`jamesd resolve: ${ended.status} ${ended.stderr}`);
  return jsonLines(ended.stdout);
}

/** The lines of a text, each read as JSON. */
export function jsonLines<T>(text: string): T[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}
