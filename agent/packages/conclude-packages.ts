import { digestOf } from '../../proto/digest.ts';
import { JamesError } from '../../proto/errors.ts';
import type { Journal } from '../journal/journal.ts';
import type { PackageEntry } from './core/package-journal.ts';
import { managedAfter, reportedPackages } from './core/reported-packages.ts';
import type { LockCache } from './lock-cache.ts';
import type { PackageDriver, PackageReporter, PackageTarget } from './package-driver.ts';
import type { PackageRecords } from './package-record.ts';
import { withoutSecrets } from './secret-reporter.ts';

export interface ConcludeParts {
  records: PackageRecords;
  locks: LockCache;
  journal: Journal<PackageEntry>;
}

export interface Conclusion {
  driver: PackageDriver;
  target: PackageTarget;
  entry: PackageEntry & { entry: 'applying' };
  reporter: PackageReporter;
}

/** The end of a change that goes forward: removals, a look at everything, the record. May be repeated. */
export async function concludeChange(
  { records, locks, journal }: ConcludeParts,
  { driver, target, entry, reporter }: Conclusion,
): Promise<void> {
  const ours = managedAfter(target.managed, entry.before, await driver.installed());
  await driver.remove({ ...target, managed: new Set(ours) }, reporter);
  const findings = await driver.verify(target);
  const installed = await driver.installed();
  await driver.keepSources();
  const managed = managedAfter(target.managed, entry.before, installed);
  const { lock } = target;
  const { asked, sources } = entry;
  const isOver = asked === null && managed.length === 0 && sources === digestOf([]);
  await records.write(
    isOver
      ? null
      : {
          schema: 'jamesd.packages/1',
          manager: driver.manager,
          asked,
          sources,
          lock: entry.lock,
          managed,
          reported: reportedPackages(lock, installed, findings),
        },
  );
  await locks.retain([asked, entry.lock]);
  await journal.clear();
}

/** The error without users and passwords in its sentence. */
export function clean(error: unknown, secrets: PackageTarget['secrets']): unknown {
  if (!(error instanceof JamesError) || secrets.size === 0) return error;
  const { code, message, members } = error;
  return new JamesError(code, withoutSecrets(message, secrets), { members });
}
