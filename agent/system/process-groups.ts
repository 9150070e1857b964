import { readdir, readFile } from 'node:fs/promises';
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
export async function startOf(pid: number): Promise<string | null> {
  const line = await lineOf(pid);
  return line === null || line.state === 'Z' ? null : line.started;
}

/** The process groups whose leader was started with an argument that begins with `prefix`. */
export async function groupsWithArgument(prefix: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of await allProcesses()) {
    const text = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '');
    if (!text.split('\0').some((argument) => argument.startsWith(prefix))) continue;
    const line = await lineOf(pid);
    if (line !== null && line.group === pid && line.state !== 'Z') found.push(pid);
  }
  return found;
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
  while (await runs(group)) {
    if (clock.monotonic() >= end) return false;
    await clock.sleep(LOOK_AGAIN_MS);
  }
  return true;
}

async function runs(group: number): Promise<boolean> {
  for (const pid of await allProcesses()) {
    const line = await lineOf(pid);
    if (line !== null && line.group === group && line.state !== 'Z') return true;
  }
  return false;
}

async function allProcesses(): Promise<number[]> {
  const names = await readdir('/proc').catch(() => []);
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

async function lineOf(pid: number): Promise<ProcessLine | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
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
