import type { DesiredBody } from '../../proto/desired.ts';
import { digestOf } from '../../proto/digest.ts';
import { JamesError } from '../../proto/errors.ts';
import type { Lock } from '../../proto/lock.ts';
import type { ReportedPackages } from '../../proto/reported.ts';
import type { PackagesBegun } from '../core/journal-entry.ts';
import type { Files } from '../system/files.ts';
import { type PackageManagers, packageTypeOf } from './choose-manager.ts';
import { concludeChange } from './conclude-packages.ts';
import { createLockCache } from './lock-cache.ts';
import { failedOf, lookAgain } from './look-again.ts';
import { type ChangeParts, createPackageChange } from './package-change.ts';
import type { PackageDriver, PackageReporter, PackageTarget } from './package-driver.ts';
import { createPackageRecords, type PackageRecord } from './package-record.ts';
import type { PackageServer } from './package-server.ts';
import { type PrepareParts, readLock, targetFor, withSecrets } from './prepare-packages.ts';

export interface PackageWorkOptions {
  files: Files;
  /** The agent's state directory. */
  state: string;
  managers: PackageManagers;
  server: PackageServer;
}

export type PackageAsk = Pick<DesiredBody, 'lock' | 'sources' | 'policy'>;

/** A change of packages that is to be made. The calls follow in this order; each throws what went wrong. */
export interface PackageChange {
  /** The word of the package manager that makes it. */
  readonly manager: string;
  /** Writes source files and puts everything on disk that going there and going back needs. No package is touched. */
  ready(): Promise<void>;
  /** What has to be known to take it back or to conclude it. */
  begun(): Promise<PackagesBegun>;
  /** Installs and upgrades. */
  install(): Promise<void>;
  /** Removes what nobody wants any more. */
  remove(): Promise<void>;
  needsReboot(): Promise<boolean>;
}

/** A change that a journal tells of. Each call may be repeated. */
export interface OpenPackages {
  /** Puts packages and source files back. The sentences say what could not be. */
  undo(): Promise<string[]>;
  /** Keeps the source files and what was brought about. */
  conclude(): Promise<void>;
}

/** The packages' side of the device's transactions. One at a time, together with the packets'. */
export interface PackageWork {
  /** Whether a desired state has to do with the package manager; otherwise that is never called. */
  concerns(asked: Pick<DesiredBody, 'lock' | 'sources'>): Promise<boolean>;
  /** What there is to do for a desired state; null: all is there already. Nothing is touched. */
  plan(
    ask: PackageAsk,
    reporter: PackageReporter,
    signal: AbortSignal,
  ): Promise<PackageChange | null>;
  /** The change of a journal; `begun` is null where no package was touched yet. */
  reopen(
    manager: string,
    begun: PackagesBegun | null,
    reporter: PackageReporter,
  ): Promise<OpenPackages>;
  /**
   * Looks at the packages of the lock again, and keeps what is wrong now for `reported`. True if packages that could not
   * be installed can be now: then it is time to `plan` the same again.
   */
  look(): Promise<boolean>;
  /** What to report; null if jamesd has nothing to do with the package manager. */
  reported(): Promise<ReportedPackages | null>;
}

export function createPackageWork(options: PackageWorkOptions): PackageWork {
  const { files, state, managers, server } = options;
  const records = createPackageRecords(files, state);
  const locks = createLockCache(files, state);

  /** By the lock's type, else by that of the sources; what was used before if nothing speaks against it. */
  const driverFor = async (
    ask: PackageAsk,
    lock: Lock | null,
    record: PackageRecord | null,
  ): Promise<PackageDriver> => {
    const type = lock?.type ?? packageTypeOf(ask.sources);
    if (record !== null) {
      const before = await managers.named(record.manager).catch(() => null);
      if (before !== null && (type === null || before.type === type)) return before;
    }
    if (type !== null) return await managers.forType(type);
    if (record !== null) return await managers.named(record.manager);
    throw new JamesError('unsupported', 'No package manager of this device reads these sources.');
  };

  return {
    concerns: async ({ lock, sources }) =>
      lock !== null || sources.length > 0 || (await records.read()) !== null,
    async plan(ask, reporter, signal) {
      const record = await records.read();
      const lock = await readLock({ server, locks }, ask, signal);
      const driver = await driverFor(ask, lock, record);
      const parts: PrepareParts = { driver, server, locks, reporter, signal };
      const target = targetFor(driver, ask, lock, record);
      if (await isThere(ask, record, target, driver)) return null;
      const change: ChangeParts = { ...parts, files, state, ask };
      return createPackageChange(change, await withSecrets(parts, target));
    },
    async reopen(manager, begun, reporter) {
      const driver = await managers.named(manager);
      return {
        async undo() {
          const sentences = begun === null ? [] : await driver.undo(begun.before, reporter);
          await driver.restoreSources();
          if (begun !== null) await driver.forgetWayBack();
          return sentences;
        },
        async conclude() {
          if (begun === null) return;
          const lock = await locks.read(begun.lock);
          const rest = { sources: [], secrets: new Map(), managed: new Set(begun.managed) };
          const target = { lock, policy: begun.policy, ...rest };
          await concludeChange({ records, locks }, { driver, target, begun });
        },
      };
    },
    async look() {
      const record = await records.read();
      if (record === null) return false;
      const lock = await locks.find(record.lock);
      const driver = await managers.named(record.manager);
      if (lock === null) return false;
      const failure = await updateForFailed(driver, record);
      const again = await lookAgain(records, driver, record, lock);
      if (failure !== null) throw failure;
      return again;
    },
    reported: async () => (await records.read())?.reported ?? null,
  };
}

/** Where something could not be installed its sources are read anew. Gives why they cannot be, or null. */
async function updateForFailed(driver: PackageDriver, record: PackageRecord): Promise<unknown> {
  if (failedOf(record).size === 0 || record.sources === digestOf([])) return null;
  const reporter: PackageReporter = { log: () => undefined, progress: () => undefined };
  return await driver.update(reporter, new AbortController().signal).then(
    () => null,
    (error: unknown) => error,
  );
}

/** The same lock and sources as before, and all of it is there: neither network nor package manager is troubled. */
async function isThere(
  ask: PackageAsk,
  record: PackageRecord | null,
  target: PackageTarget,
  driver: PackageDriver,
): Promise<boolean> {
  if (record === null || record.asked !== (ask.lock?.digest ?? null)) return false;
  if (record.sources !== digestOf(ask.sources)) return false;
  const found = await driver.simulate(target);
  const changes = [found.install, found.upgrade, found.downgrade, found.remove];
  return found.differences.length === 0 && changes.every((list) => list.length === 0);
}
