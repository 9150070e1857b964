import { readdirSync, readFileSync } from 'node:fs';
import type { Clock } from '../../proto/clock.ts';

/** What /proc/PID/stat says of a process (proc_pid_stat(5)). */
interface ProcessLine {
  state: string;
  group: number;
  /** In clock ticks since boot: with the id it names one process of this boot. */
  started: string;
}

const GRACE_MS = 5000;
/** After SIGKILL a process is gone at once, unless it waits for a device. */
const KILLED_MS = 2000;
const LOOK_AGAIN_MS = 20;

/** When the process was started, in clock ticks since boot; null if no such process runs. */
export function startOf(pid: number): string | null {
  const line = lineOf(pid);
  return line === null || line.state === 'Z' ? null : line.started;
}

/** The process groups whose leader was started with an argument that begins with `prefix`. */
export function groupsWithArgument(prefix: string): number[] {
  return allProcesses().filter((pid) => {
    const words = readText(`/proc/${pid}/cmdline`).split('\0');
    if (!words.some((word) => word.startsWith(prefix))) return false;
    const line = lineOf(pid);
    return line !== null && line.group === pid && line.state !== 'Z';
  });
}

/** Asks a process group to end, ends it after 5 s, and resolves when nothing of it runs any more. */
export async function endGroup(group: number, clock: Clock): Promise<void> {
  signalGroup(group, 'SIGTERM');
  if (await goneWithin(group, GRACE_MS, clock)) return;
  signalGroup(group, 'SIGKILL');
  await goneWithin(group, KILLED_MS, clock);
}

async function goneWithin(group: number, ms: number, clock: Clock): Promise<boolean> {
  const end = clock.monotonic() + ms;
  while (runs(group)) {
    if (clock.monotonic() >= end) return false;
    await clock.sleep(LOOK_AGAIN_MS);
  }
  return true;
}

const runs = (group: number): boolean =>
  allProcesses().some((pid) => {
    const line = lineOf(pid);
    return line !== null && line.group === group && line.state !== 'Z';
  });

/* What the system tells of processes is in memory: to read it at once is quicker than to wait for it. */
function allProcesses(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** Empty if the process has ended. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function lineOf(pid: number): ProcessLine | null {
  const text = readText(`/proc/${pid}/stat`);
  // The name stands in parentheses and may hold anything, parentheses and spaces too.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, , group] = fields;
  const started = fields[19];
  if (state === undefined || group === undefined || started === undefined) return null;
  return { state, group: Number(group), started };
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // It has ended already.
  }
}
