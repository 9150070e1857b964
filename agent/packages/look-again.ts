import type { Lock } from '../../proto/lock.ts';
import { reportedPackages } from './core/reported-packages.ts';
import type { PackageDriver, PackageFinding } from './package-driver.ts';
import type { PackageRecord, PackageRecords } from './package-record.ts';

const POSSIBLE = 'It can be installed now, and is at the next try.';

/**
 * Compares the device's packages and their files with the lock that was brought about, and writes down what is wrong now.
 * Which packages are too many was said by the desired state; those stay told as long as they are there. True if something
 * that could not be installed before can be now.
 */
export async function lookAgain(
  records: PackageRecords,
  driver: PackageDriver,
  record: PackageRecord,
  lock: Lock,
): Promise<boolean> {
  const policy = { version: 'locked', downgrade: false, unmanaged: 'keep' } as const;
  const managed = new Set(record.managed);
  const verified = await driver.verify({ lock, sources: [], policy, secrets: new Map(), managed });
  const failed = failedOf(record);
  const isPossible = ({ name, status }: PackageFinding): boolean =>
    status === 'missing' && failed.has(name);
  const findings = verified.map(
    (one): PackageFinding =>
      isPossible(one) ? { ...one, status: 'failed', error: POSSIBLE } : one,
  );
  const installed = await driver.installed();
  const there = new Set(installed.map(({ name }) => name));
  const extra = record.reported.wrong.flatMap(({ name, status, error }) =>
    status === 'extra' && there.has(name) ? [{ name, status, error }] : [],
  );
  const reported = reportedPackages(lock, installed, [...findings, ...extra]);
  await records.write({ ...record, reported });
  return verified.some(isPossible);
}

/** The names of what could not be installed when it was tried last. */
export const failedOf = ({ reported }: PackageRecord): ReadonlySet<string> =>
  new Set(reported.wrong.flatMap(({ name, status }) => (status === 'failed' ? [name] : [])));
