import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, open, rename, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { until } from './until.ts';

const run = promisify(execFile);
const POLICY = '/usr/sbin/policy-rc.d';
const ASIDE = `${POLICY}.before-jamesd`;
const LOCK = '/run/lock/jamesd-test-apt.lock';
/** invoke-rc.d(8): 101 forbids the action. */
const REFUSE_ALL = '#!/bin/sh\nexit 101\n';

/** What came of asking for Debian packages: `leftOut` says why they are not there, or is null. */
export interface DebianPackages {
  leftOut: string | null;
}

/**
 * Makes Debian packages present. As root with apt it installs those that are missing, without letting any service start.
 * Otherwise it says what is left out and the command that installs it; with CI=true that is thrown.
 */
export async function ensureDebianPackages(names: readonly string[]): Promise<DebianPackages> {
  const missing = await missingOf(names);
  if (missing.length === 0) return { leftOut: null };
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return leaveOut(missing);
  try {
    await locked(() => withoutServices(() => install(missing)));
  } catch (error) {
    return leaveOut(missing, error instanceof Error ? error.message : String(error));
  }
  return { leftOut: null };
}

/** Makes apt's lists present, as root; true if they are there. */
export async function ensureAptLists(present: () => boolean): Promise<boolean> {
  if (present()) return true;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  await locked(async () => void (await run('apt-get', ['update', '-qq'])));
  return present();
}

function leaveOut(
  missing: readonly string[],
  why = 'this user cannot install them',
): DebianPackages {
  const command = `apt-get install --no-install-recommends ${missing.join(' ')}`;
  const sentence = `Left out for want of the Debian packages ${missing.join(', ')} (${why}). As root: ${command}`;
  if (process.env.CI === 'true') throw new Error(sentence);
  console.warn(sentence);
  return { leftOut: sentence };
}

async function missingOf(names: readonly string[]): Promise<string[]> {
  const present = await Promise.all(names.map(isInstalled));
  return names.filter((_, index) => !present[index]);
}

async function isInstalled(name: string): Promise<boolean> {
  try {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder is dpkg-query's
    const { stdout } = await run('dpkg-query', ['-W', '-f', '${db:Status-Status}', name]);
    return stdout === 'installed';
  } catch {
    return false;
  }
}

async function install(names: readonly string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const wait = ['-o', 'DPkg::Lock::Timeout=300', '-qq'];
  const args = ['install', '-y', '--no-install-recommends', ...wait, ...names];
  try {
    await run('apt-get', args, { env, maxBuffer: 1 << 26 });
  } catch {
    await run('apt-get', ['update', ...wait], { env });
    await run('apt-get', args, { env, maxBuffer: 1 << 26 });
  }
}

/** Forbids the start of services while `work` runs, then puts the machine's own policy back. */
async function withoutServices(work: () => Promise<void>): Promise<void> {
  if (existsSync(POLICY) && !existsSync(ASIDE)) await rename(POLICY, ASIDE);
  await writeFile(POLICY, REFUSE_ALL);
  await chmod(POLICY, 0o755);
  try {
    await work();
  } finally {
    if (existsSync(ASIDE)) await rename(ASIDE, POLICY);
    else await rm(POLICY, { force: true });
  }
}

/** One installation at a time, over all processes; a lock whose owner is dead is taken over. */
async function locked(work: () => Promise<void>): Promise<void> {
  await until(`the lock ${LOCK} became free`, takeLock, 300_000);
  try {
    await work();
  } finally {
    await rm(LOCK, { force: true });
  }
}

async function takeLock(): Promise<boolean> {
  try {
    const file = await open(LOCK, 'wx');
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch {
    if (isStale()) await rm(LOCK, { force: true });
    return false;
  }
}

function isStale(): boolean {
  try {
    const owner = Number(readFileSync(LOCK, 'utf8'));
    if (owner > 0) process.kill(owner, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
