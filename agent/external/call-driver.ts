import type { OnLog } from '../drivers/run-script.ts';
import type { Commands } from '../system/commands.ts';
import { MOST_ANSWER_BYTES, readAnswer, type Said } from './core/answer.ts';
import { type DriverRequest, variablesOf } from './core/request.ts';

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const MAX_LINES = 200;
const MAX_LINE_CHARACTERS = 4096;

export interface DriverCall {
  driver: string;
  /** The driver's program. */
  file: string;
  request: DriverRequest;
  onLog: OnLog;
  /** Told of the process once it runs. */
  onStart?(pid: number): void;
  signal?: AbortSignal;
  /** Between asking it to end and ending it, in ms. */
  graceMs?: number;
}

/** Asks a driver one thing; never throws for what the driver does. What it wrote to its standard error is logged. */
export async function callDriver(commands: Commands, call: DriverCall): Promise<Said> {
  const { driver, file, request, onLog, onStart, signal, graceMs } = call;
  const result = await commands.run({
    file,
    args: [request.verb],
    env: { PATH: DEFAULT_PATH, LANG: 'C.UTF-8', HOME: '/', ...variablesOf(request) },
    cwd: '/',
    stdin: `${JSON.stringify(request)}\n`,
    keep: 'stderr',
    stdoutBytes: MOST_ANSWER_BYTES,
    timeoutMs: request.timeoutMs,
    ...(onStart && { onStart }),
    ...(signal && { signal }),
    ...(graceMs !== undefined && { graceMs }),
  });
  const said = readAnswer(driver, request.verb, result, request.timeoutMs);
  const message = said.kind === 'done' && said.message ? [said.message] : [];
  const lines = [...linesOf(result.output), ...message];
  const source = `${request.packet?.name ?? driver} ${driver} ${request.verb}`;
  if (lines.length > 0) onLog({ source, lines });
  return said;
}

function linesOf(output: string): string[] {
  if (output.trim() === '') return [];
  const lines = output.trimEnd().split('\n').slice(-MAX_LINES);
  return lines.map((line) => line.slice(0, MAX_LINE_CHARACTERS));
}
