import { JamesError } from '../../proto/errors.ts';
import type { LogLines } from '../../proto/messages.ts';
import type { JournalStep } from '../core/journal-entry.ts';
import type { Script, Side } from '../core/script-order.ts';
import type { Command, CommandResult } from '../system/commands.ts';
import type { Device } from './device.ts';
import { noteScript } from './leftover-scripts.ts';

export interface ScriptRun {
  step: JournalStep;
  side: Side;
  script: Script | 'health';
  action: 'install' | 'upgrade' | 'remove' | 'undo' | 'health';
  /** Told of the last lines that the script wrote, if it wrote any. */
  onLog: OnLog;
  /** Shorter than the script's own time limit, in ms. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** Told of the last lines that a script wrote, if it wrote any. */
export type OnLog = (lines: Omit<LogLines, 'schema'>) => void;

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const MAX_LINES = 200;
const MAX_LINE_CHARACTERS = 4096;

/**
 * Runs a packet's script on the host, cwd `/`, with nothing in its environment but a path, a language and what concerns
 * it. A packet without that script, or with an empty one, is content. Throws `script-failed` if it ends with anything but
 * 0 or takes too long; then its whole process group is ended.
 */
export async function runScript(device: Device, run: ScriptRun): Promise<void> {
  const id = run.side === 'old' ? run.step.from : run.step.to;
  if (id === null) return;
  const path = device.state.scriptPath(id, run.script);
  if (!(await device.files.lstat(path))) return;
  const text = Buffer.from(await device.files.readFile(path)).toString('latin1');
  if (text.trim() === '') return;
  const timeoutMs = run.timeoutMs ?? run.step.timeoutMs ?? device.scriptTimeoutMs;
  const limits = { timeoutMs, ...(run.signal && { signal: run.signal }) };
  const result = await execute(device, path, text, { env: environmentOf(device, run), ...limits });
  report(run, result);
  if (result.end === 'exited' && result.code === 0) return;
  throw new JamesError(
    'script-failed',
    `The script ${run.script} of the packet ${run.step.name} ${describe(result, timeoutMs)}${lastLine(result)}.`,
    { members: { packet: run.step.name, script: run.script } },
  );
}

function environmentOf(device: Device, { step, action }: ScriptRun): Record<string, string> {
  return {
    PATH: DEFAULT_PATH,
    LANG: 'C.UTF-8',
    HOME: '/',
    JAMESD_ACTION: action,
    JAMESD_ROOT: device.root,
    JAMESD_PACKET: step.name,
    JAMESD_OLD_VERSION: step.oldVersion,
    JAMESD_NEW_VERSION: step.newVersion,
  };
}

/** The system runs the script by its first line; without one, or where files may not be executed, that is done here. */
async function execute(
  device: Device,
  path: string,
  text: string,
  limits: Pick<Command, 'env' | 'timeoutMs' | 'signal'>,
): Promise<CommandResult> {
  const plain = { cwd: '/', ...limits };
  const direct = await runNoted(device, { ...plain, file: path, args: [] });
  if (direct.end !== 'not-started' || (direct.code !== 'ENOEXEC' && direct.code !== 'EACCES'))
    return direct;
  const [, interpreter = '/bin/sh', argument = ''] = /^#!\s*(\S+)[ \t]*([^\r\n]*)/.exec(text) ?? [];
  const args = argument.trim() === '' ? [path] : [argument.trim(), path];
  return await runNoted(device, { ...plain, file: interpreter, args });
}

/** Runs a script; while it runs, it is written down that it does. */
async function runNoted(device: Device, command: Command): Promise<CommandResult> {
  let noting: Promise<void> = Promise.resolve();
  const onStart = (pid: number): void => {
    noting = noteScript(device, pid);
  };
  const result = await device.commands.run({ ...command, onStart });
  await noting;
  return result;
}

function report({ step, script, onLog }: ScriptRun, { output }: CommandResult): void {
  if (output.trim() === '') return;
  const lines = output.trimEnd().split('\n').slice(-MAX_LINES);
  onLog({
    source: `${step.name} ${script}`,
    lines: lines.map((line) => line.slice(0, MAX_LINE_CHARACTERS)),
  });
}

function describe({ end, code }: CommandResult, timeoutMs: number): string {
  switch (end) {
    case 'exited':
      return `ended with status ${code}`;
    case 'signalled':
      return `was ended by ${code}`;
    case 'timed-out':
      return `took longer than ${timeoutMs / 1000} s and was ended`;
    case 'not-started':
      return `could not be started (${code})`;
  }
}

function lastLine({ output }: CommandResult): string {
  const line = output.trimEnd().split('\n').at(-1) ?? '';
  return line === '' ? '' : `: ${line.slice(0, 500).replace(/\.$/, '')}`;
}
