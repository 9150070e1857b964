import type { Lock } from '../../proto/lock.ts';
import { reportedPackages } from './core/reported-packages.ts';
import type { PackageDriver } from './package-driver.ts';
import type { PackageRecord, PackageRecords } from './package-record.ts';

/**
 * Compares the device's packages and their files with the lock that was brought about, and writes down what is wrong now.
 * Which packages are too many was said by the desired state; those stay told as long as they are there.
 */
export async function lookAgain(
  records: PackageRecords,
  driver: PackageDriver,
  record: PackageRecord,
  lock: Lock,
): Promise<void> {
  const policy = { version: 'locked', downgrade: false, unmanaged: 'keep' } as const;
  const managed = new Set(record.managed);
  const findings = await driver.verify({ lock, sources: [], policy, secrets: new Map(), managed });
  const installed = await driver.installed();
  const there = new Set(installed.map(({ name }) => name));
  const extra = record.reported.wrong.flatMap(({ name, status, error }) =>
    status === 'extra' && there.has(name) ? [{ name, status, error }] : [],
  );
  const reported = reportedPackages(lock, installed, [...findings, ...extra]);
  await records.write({ ...record, reported });
}
