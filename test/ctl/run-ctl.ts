import { runCtl } from '../../ctl/run.ts';
import type { Output, Surroundings } from '../../ctl/surroundings.ts';
import { systemClock } from '../../ctl/system/clock.ts';

export interface CtlOptions {
  env?: Record<string, string>;
  cwd?: string;
  stdin?: string;
  /** Columns of the terminal; without it there is none. */
  columns?: number;
  signal?: AbortSignal;
  clock?: Surroundings['clock'];
  /** Sees all that was written to stdout so far, after each write. */
  onStdout?: (text: string) => void;
  /** What is typed when the token is asked for. */
  secret?: string;
}

export interface CtlResult {
  status: number;
  stdout: string;
  stderr: string;
}

/** Runs one command line in this process, with surroundings of its own. */
export async function ctl(argv: readonly string[], options: CtlOptions = {}): Promise<CtlResult> {
  const { surroundings, written } = makeSurroundings(options);
  const status = await runCtl(argv, surroundings);
  return { status, ...written };
}

/** Surroundings that write into memory. */
export function makeSurroundings(options: CtlOptions): {
  surroundings: Surroundings;
  written: { stdout: string; stderr: string };
} {
  const written = { stdout: '', stderr: '' };
  const output = (stream: 'stdout' | 'stderr'): Output => ({
    write: (text) => {
      written[stream] += text;
      if (stream === 'stdout') options.onStdout?.(written.stdout);
    },
    isTTY: options.columns !== undefined,
    columns: options.columns,
  });
  const surroundings: Surroundings = {
    env: { NO_COLOR: '1', JAMESD_CTL_CONFIG: '/nonexistent/ctl.yaml', ...options.env },
    cwd: options.cwd ?? '/',
    home: '/nonexistent',
    stdin: Object.assign(bytes(options.stdin ?? ''), { isTTY: options.secret !== undefined }),
    stdout: output('stdout'),
    stderr: output('stderr'),
    clock: options.clock ?? systemClock,
    random: () => 0.5,
    signal: options.signal ?? new AbortController().signal,
    askSecret: async () => options.secret ?? '',
  };
  return { surroundings, written };
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  if (text !== '') yield Buffer.from(text);
}
