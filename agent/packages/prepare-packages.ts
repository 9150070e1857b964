import type { DesiredBody } from '../../proto/desired.ts';
import { secretsOf } from '../../proto/desired-source.ts';
import { digestOf } from '../../proto/digest.ts';
import { JamesError } from '../../proto/errors.ts';
import { installedDigest, LOCK_SCHEMA, type Lock } from '../../proto/lock.ts';
import type { PackageType } from '../../proto/package-line.ts';
import type { LockCache } from './lock-cache.ts';
import type { PackageDriver, PackageReporter, PackageTarget } from './package-driver.ts';
import type { PackageRecord } from './package-record.ts';
import type { PackageServer } from './package-server.ts';
import { secretReporter } from './secret-reporter.ts';

export interface PrepareParts {
  driver: PackageDriver;
  server: PackageServer;
  locks: LockCache;
  reporter: PackageReporter;
  signal: AbortSignal;
}

/** What a desired state asks of the package manager. */
export type AskedOf = Pick<DesiredBody, 'lock' | 'sources' | 'policy'>;

export const emptyLock = (type: PackageType): Lock => ({
  schema: LOCK_SCHEMA,
  type,
  packages: [],
  keep: [],
});

const defaultPolicy = { version: 'locked', downgrade: false, unmanaged: 'keep' } as const;

/** The lock that a desired state names, or null; asks the server for what is not on disk. */
export async function readLock(
  { server, locks }: Pick<PrepareParts, 'server' | 'locks'>,
  { lock: ref }: AskedOf,
  signal: AbortSignal,
): Promise<Lock | null> {
  if (ref === null) return null;
  const lock = (await locks.find(ref.digest)) ?? (await server.lock(ref, signal));
  await locks.keep(lock);
  return lock;
}

/** The target, yet without its secrets. Throws `unsupported` if that is none for this package manager. */
export function targetFor(
  driver: PackageDriver,
  { sources, policy }: AskedOf,
  lock: Lock | null,
  record: PackageRecord | null,
): PackageTarget {
  const target: PackageTarget = {
    lock: lock ?? emptyLock(driver.type),
    sources,
    policy: policy.packages ?? defaultPolicy,
    secrets: new Map(),
    managed: new Set(record?.managed),
  };
  requireSupport(driver, target);
  return target;
}

function requireSupport(driver: PackageDriver, { lock, policy }: PackageTarget): void {
  if (lock.type !== driver.type)
    throw new JamesError(
      'unsupported',
      `The lock names packages of type ${lock.type}, and ${driver.manager} installs ${driver.type}.`,
    );
  if (policy.version === 'auto' && !driver.supportsAuto)
    throw new JamesError('unsupported', `${driver.manager} cannot choose versions by itself.`);
}

export async function withSecrets(
  { server, signal }: PrepareParts,
  target: PackageTarget,
): Promise<PackageTarget> {
  const secrets = new Map<string, { username: string; password: string }>();
  for (const name of secretsOf(target.sources))
    secrets.set(name, await server.secret(name, signal));
  return { ...target, secrets };
}

/**
 * Makes the device ready: its sources are written and read, the package manager would do exactly what the lock says, or
 * what the server answers for what is installed here, and every file is on disk. Gives the target that is to be applied.
 * Throws `packages-differ` with the sentences if it would do something else even so.
 */
export async function makeReady(
  parts: PrepareParts,
  target: PackageTarget,
): Promise<PackageTarget> {
  const { driver, signal } = parts;
  const reporter = secretReporter(parts.reporter, target.secrets);
  await driver.writeSources(target);
  signal.throwIfAborted();
  const unreachable = await update(driver, target, reporter, signal);
  try {
    const agreed = await agree(parts, target);
    signal.throwIfAborted();
    await driver.download(agreed, reporter, signal);
    signal.throwIfAborted();
    return agreed;
  } catch (error) {
    signal.throwIfAborted();
    throw unreachable ?? error;
  }
}

/**
 * Reads the indexes anew. Gives why a source cannot be reached: with what was downloaded before it may go on all the same,
 * since the lock says exactly what is wanted.
 */
async function update(
  driver: PackageDriver,
  target: PackageTarget,
  reporter: PackageReporter,
  signal: AbortSignal,
): Promise<JamesError | null> {
  if (target.sources.length === 0) return null;
  try {
    await driver.update(reporter, signal);
    return null;
  } catch (error) {
    if (error instanceof JamesError && error.code === 'source-unreachable') return error;
    throw error;
  }
}

async function agree(parts: PrepareParts, target: PackageTarget): Promise<PackageTarget> {
  const { driver, reporter } = parts;
  const { differences } = await driver.simulate(target);
  if (differences.length === 0) return target;
  reporter.log(['The package manager would do something else than the lock:', ...differences]);
  const answer = await askForOwn(parts, target.lock);
  if (answer === null) throw differs(differences);
  const own = { ...target, lock: answer };
  const again = await driver.simulate(own);
  if (again.differences.length > 0) throw differs(again.differences);
  return own;
}

/** The server's answer for what is installed here; null if it has none. */
async function askForOwn(parts: PrepareParts, lock: Lock): Promise<Lock | null> {
  const { driver, server, locks, signal } = parts;
  const installed = await driver.installed();
  const request = { lock: digestOf(lock), installedDigest: installedDigest(installed) };
  try {
    const answer = await server.resolve(request, signal).catch((error: unknown) => {
      if (!(error instanceof JamesError) || error.code !== 'installed-list-needed') throw error;
      return server.resolve({ ...request, installed }, signal);
    });
    await locks.keep(answer);
    return answer;
  } catch (error) {
    if (error instanceof JamesError && !error.retryable) return null;
    throw error;
  }
}

function differs(differences: readonly string[]): JamesError {
  return new JamesError(
    'packages-differ',
    `The device's package manager would do something else than the lock says. ${differences.join(' ')}`,
    { members: { differences } },
  );
}
