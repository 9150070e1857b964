import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { JamesError } from '../../proto/errors.ts';

/** Who holds a directory: `started` tells a process from a later one with the same pid. */
interface Holder {
  pid: number;
  started: string;
}

/**
 * Takes a directory for this process and returns the function that frees it. The lock is a file `jamesd.lock` that names
 * its holder; one whose holder is gone is taken over. It is held once per process too, which LevelDB's own lock is not:
 * opening a database a second time in one process drops that lock silently. All calls are synchronous, so that two
 * openings within one process cannot interleave; between processes LevelDB's lock decides a race for a stale file.
 * Throws JamesError `data-locked`, naming the process.
 */
export function lockDirectory(directory: string): () => void {
  const file = join(directory, 'jamesd.lock');
  const own = join(directory, `jamesd.lock.${process.pid}`);
  writeFileSync(own, JSON.stringify({ pid: process.pid, started: startOf(process.pid) }));
  try {
    for (let attempt = 0; !tryLink(own, file); attempt += 1) {
      const holder = readHolder(file);
      if (attempt > 10 || (holder && isAlive(holder))) throw lockedBy(directory, holder);
      rmSync(file, { force: true });
    }
  } finally {
    rmSync(own, { force: true });
  }
  return () => rmSync(file, { force: true });
}

/** The error of a directory that somebody else uses. */
export function lockedBy(directory: string, holder: { pid: number } | null): JamesError {
  const who = holder ? `process ${holder.pid}` : 'another process';
  return new JamesError(
    'data-locked',
    `The data directory ${directory} is in use by ${who}; stop it, or choose another directory with --data.`,
    { members: holder ? { pid: holder.pid } : {} },
  );
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** What the lock file says, or null if it is gone or unreadable. */
function readHolder(file: string): Holder | null {
  try {
    const { pid, started } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Holder>;
    return typeof pid === 'number' && typeof started === 'string' ? { pid, started } : null;
  } catch {
    return null;
  }
}

function isAlive({ pid, started }: Holder): boolean {
  const now = startOf(pid);
  if (now !== '') return now === started;
  if (hasProc()) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * When a process started: the boot's id and the clock ticks since then (proc(5), field 22 of `stat`); empty if there is
 * no such process, it is a zombie, or this system has no `/proc`.
 */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return '';
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`;
  } catch {
    return '';
  }
}

function hasProc(): boolean {
  return startOf(process.pid) !== '';
}
