import type { CommandResult, Commands } from './commands.ts';

export interface ShellRun {
  timeoutMs: number;
  /** Added to a path, a language and a home. */
  env?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
}

/** Where programs are looked for that the agent starts. */
export const PROGRAM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The environment of everything that the agent starts for others; nothing of its own gets in. */
export const PLAIN_ENVIRONMENT = { PATH: PROGRAM_PATH, LANG: 'C.UTF-8', HOME: '/' } as const;

/** Runs a command of the shell on the host, cwd `/`; when its time is up its whole process group is ended. */
export async function runShell(
  commands: Commands,
  command: string,
  { timeoutMs, env = {}, signal }: ShellRun,
): Promise<CommandResult> {
  return await commands.run({
    file: '/bin/sh',
    args: ['-c', command],
    env: { ...PLAIN_ENVIRONMENT, ...env },
    cwd: '/',
    timeoutMs,
    ...(signal && { signal }),
  });
}

const MAX_SAID = 300;
const MAX_NAMED = 120;

/** A command, a path or an address as sentences name it: long ones are cut. */
export function sayShort(text: string): string {
  return text.length <= MAX_NAMED ? text : `${text.slice(0, MAX_NAMED)}…`;
}

/** How a command ended, to stand behind its name: `ended with status 1: no such file`. */
export function sayEnd({ end, code, output }: CommandResult, timeoutMs: number): string {
  const line = (output.trimEnd().split('\n').at(-1) ?? '').slice(0, MAX_SAID).replace(/\.$/, '');
  return `${sayHow(end, code, timeoutMs)}${line === '' ? '' : `: ${line}`}`;
}

function sayHow(end: CommandResult['end'], code: number | string, timeoutMs: number): string {
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
