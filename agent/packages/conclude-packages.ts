import { digestOf } from '../../proto/digest.ts';
import type { PackagesBegun } from '../core/journal-entry.ts';
import { managedAfter, reportedPackages } from './core/reported-packages.ts';
import type { LockCache } from './lock-cache.ts';
import type { PackageDriver, PackageTarget } from './package-driver.ts';
import type { PackageRecords } from './package-record.ts';

export interface Conclusion {
  driver: PackageDriver;
  target: PackageTarget;
  begun: PackagesBegun;
}

/** After the commit: source files stay, everything is looked at, the record is written. May be repeated. */
export async function concludeChange(
  { records, locks }: { records: PackageRecords; locks: LockCache },
  { driver, target, begun }: Conclusion,
): Promise<void> {
  const { lock } = target;
  const { asked, sources } = begun;
  const installed = await driver.installed();
  const managed = managedAfter(target.managed, begun.before, installed);
  const findings = await driver.verify({ ...target, managed: new Set(managed) });
  await driver.keepSources();
  const isOver = asked === null && managed.length === 0 && sources === digestOf([]);
  await records.write(
    isOver
      ? null
      : {
          schema: 'jamesd.packages/1',
          manager: driver.manager,
          ...{ asked, sources, lock: begun.lock, managed },
          reported: reportedPackages(lock, installed, findings),
        },
  );
  await locks.retain([asked, begun.lock]);
  await driver.forgetWayBack();
}
