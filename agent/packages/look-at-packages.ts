import type { PackagePolicy } from '../../proto/desired-source.ts';
import type { InstalledPackage, Lock } from '../../proto/lock.ts';
import { createPackageManagers, type ManagerChoice } from './choose-manager.ts';
import { createLockCache } from './lock-cache.ts';
import type { PackageDriver, PackageFinding } from './package-driver.ts';
import type { PackageDriversOptions } from './package-drivers.ts';
import { createPackageRecords, type PackageRecord } from './package-record.ts';
import { emptyLock } from './prepare-packages.ts';

/** What the driver of a device thinks of its packages. */
export interface PackagesView {
  manager: string;
  /** The digest of the lock that was brought about, or null. */
  lock: string | null;
  /** Packages of the lock, and those that jamesd installed. */
  packages: (InstalledPackage & { locked: boolean; managed: boolean })[];
  /** How many packages there are in all. */
  installed: number;
  wrong: PackageFinding[];
}

const keep: PackagePolicy = { version: 'locked', downgrade: false, unmanaged: 'keep' };

/** Looks at the packages now, file by file; nothing is changed. Null if there is no package manager that may be used. */
export async function lookAtPackages(
  choice: ManagerChoice,
  options: PackageDriversOptions,
): Promise<PackagesView | null> {
  const { files, state } = options;
  const record = await createPackageRecords(files, state).read();
  const driver = await driverOf(choice, options, record);
  if (driver === null) return null;
  const lock = record ? await createLockCache(files, state).find(record.lock) : null;
  const installed = await driver.installed();
  const managed = new Set(record?.managed);
  return {
    manager: driver.manager,
    lock: record?.lock ?? null,
    packages: packagesOf(installed, lock, managed),
    installed: installed.length,
    wrong: await wrongOf(driver, lock ?? emptyLock(driver.type), managed),
  };
}

async function driverOf(
  choice: ManagerChoice,
  options: PackageDriversOptions,
  record: PackageRecord | null,
): Promise<PackageDriver | null> {
  const managers = createPackageManagers(choice, options);
  if (record !== null) return await managers.named(record.manager);
  for (const type of ['deb', 'rpm'] as const) {
    const driver = await managers.forType(type).catch(() => null);
    if (driver !== null) return driver;
  }
  return null;
}

async function wrongOf(
  driver: PackageDriver,
  lock: Lock,
  managed: ReadonlySet<string>,
): Promise<PackageFinding[]> {
  if (lock.packages.length === 0) return [];
  return await driver.verify({ lock, sources: [], policy: keep, secrets: new Map(), managed });
}

function packagesOf(
  installed: readonly InstalledPackage[],
  lock: Lock | null,
  managed: ReadonlySet<string>,
): PackagesView['packages'] {
  const names = new Set(lock?.packages.map(({ name }) => name));
  return installed
    .filter(({ name }) => names.has(name) || managed.has(name))
    .map((one) => ({ ...one, locked: names.has(one.name), managed: managed.has(one.name) }));
}
