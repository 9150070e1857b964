import type { DesiredBody } from '../../proto/desired.ts';
import { digestOf } from '../../proto/digest.ts';
import { JamesError } from '../../proto/errors.ts';
import type { Lock } from '../../proto/lock.ts';
import type { ReportedPackages } from '../../proto/reported.ts';
import { createJournal } from '../journal/journal.ts';
import { ensureDirectory } from '../state-file.ts';
import type { Files } from '../system/files.ts';
import { type PackageManagers, packageTypeOf } from './choose-manager.ts';
import { type ConcludeParts, clean, concludeChange } from './conclude-packages.ts';
import { isPackageEntry, type PackageEntry, type RevisionPoint } from './core/package-journal.ts';
import { packageRecoveryOf } from './core/recover-packages.ts';
import { createLockCache } from './lock-cache.ts';
import { failedOf, lookAgain } from './look-again.ts';
import type { PackageDriver, PackageReporter, PackageTarget } from './package-driver.ts';
import { createPackageRecords, type PackageRecord } from './package-record.ts';
import type { PackageServer } from './package-server.ts';
import {
  makeReady,
  type PrepareParts,
  readLock,
  targetFor,
  withSecrets,
} from './prepare-packages.ts';

type Applying = PackageEntry & { entry: 'applying' };

export interface PackageWorkOptions {
  files: Files;
  /** The agent's state directory. */
  state: string;
  managers: PackageManagers;
  server: PackageServer;
  newId: () => string;
}

export type PackageAsk = Pick<DesiredBody, 'lock' | 'sources' | 'policy'> & {
  from: RevisionPoint | null;
  to: RevisionPoint;
};

/** A change of packages that is ready: nothing is touched yet but source files. */
export interface ReadyPackages {
  /** Nothing is to be done: the lock is there already. */
  nothing: boolean;
  /** Installs and upgrades. Throws what went wrong; then `goBack` is to be called. */
  apply(): Promise<void>;
  /** The packets' part is done, durably: from now on the change goes forward only. Removes what nobody wants any more. */
  finish(): Promise<void>;
  /** Puts everything back. The sentences say what could not be. */
  goBack(): Promise<string[]>;
}

/** The packages' side of the device's transactions. One at a time, together with the packets'. */
export interface PackageWork {
  /** Whether a desired state has to do with the package manager; otherwise that is never called. */
  concerns(asked: Pick<DesiredBody, 'lock' | 'sources'>): Promise<boolean>;
  /** Makes a change ready. If it throws, nothing is changed. */
  prepare(ask: PackageAsk, reporter: PackageReporter, signal: AbortSignal): Promise<ReadyPackages>;
  /** A transaction was begun and has not come to its end: the desired state that the device had before; else null. */
  openSince(): Promise<{ from: RevisionPoint | null } | null>;
  /** Ends it, once the packets' journal is settled; `point` is what the packets' index names then. */
  recover(
    point: RevisionPoint | null,
    reporter: PackageReporter,
  ): Promise<{ outcome: 'nothing' | 'undone' | 'finished'; sentences: string[] }>;
  /**
   * Looks at the packages of the lock again, and keeps what is wrong now for `reported`. Nothing while a change is open.
   * True if packages that could not be installed can be now: then it is time to `prepare` the same again.
   */
  look(): Promise<boolean>;
  /** What to report; null if jamesd has nothing to do with the package manager. */
  reported(): Promise<ReportedPackages | null>;
}

export function createPackageWork(options: PackageWorkOptions): PackageWork {
  const { files, state, managers, server, newId } = options;
  const records = createPackageRecords(files, state);
  const locks = createLockCache(files, state);
  const path = `${state}/packages/journal`;
  const journal = createJournal({ files, path, isEntry: isPackageEntry });
  const conclude: ConcludeParts = { records, locks, journal };

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

  async function begin(
    ask: PackageAsk,
    parts: PrepareParts,
    target: PackageTarget,
  ): Promise<ReadyPackages> {
    const { driver } = parts;
    const { from, to } = ask;
    const { manager } = driver;
    await ensureDirectory(files, `${state}/packages`, 0o700);
    await journal.append({ entry: 'begin', version: 1, transaction: newId(), manager, from, to });
    try {
      return readyPackages(conclude, ask, parts, await makeReady(parts, target));
    } catch (error) {
      await restore(driver);
      throw clean(error, target.secrets);
    }
  }

  async function restore(driver: PackageDriver): Promise<void> {
    await driver.restoreSources();
    await journal.clear();
  }

  return {
    concerns: async ({ lock, sources }) =>
      lock !== null || sources.length > 0 || (await records.read()) !== null,
    async prepare(ask, reporter, signal) {
      const record = await records.read();
      const lock = await readLock({ server, locks }, ask, signal);
      const driver = await driverFor(ask, lock, record);
      const parts: PrepareParts = { driver, server, locks, reporter, signal };
      const target = targetFor(driver, ask, lock, record);
      if (await isThere(ask, record, target, driver)) return nothingToDo;
      return await begin(ask, parts, await withSecrets(parts, target));
    },
    async openSince() {
      const [begin] = await journal.read();
      return begin?.entry === 'begin' ? { from: begin.from } : null;
    },
    async recover(point, reporter) {
      const recovery = packageRecoveryOf(await journal.read(), point);
      if (recovery.kind === 'nothing') {
        await journal.clear();
        return { outcome: 'nothing', sentences: [] };
      }
      const driver = await managers.named(recovery.begin.manager);
      if (recovery.kind === 'finish') {
        const { applying: entry } = recovery;
        const lock = await locks.read(entry.lock);
        const rest = { sources: [], secrets: new Map(), managed: new Set(entry.managed) };
        const target = { lock, policy: entry.policy, ...rest };
        await concludeChange(conclude, { driver, target, entry, reporter });
        return { outcome: 'finished', sentences: [] };
      }
      const isUndo = recovery.kind === 'undo';
      const sentences = isUndo ? await driver.undo(recovery.applying.before, reporter) : [];
      await restore(driver);
      return { outcome: isUndo ? 'undone' : 'nothing', sentences };
    },
    async look() {
      const record = await records.read();
      if (record === null || (await journal.read()).length > 0) return false;
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

/** A change whose journal was begun, and for which everything is on disk. */
function readyPackages(
  conclude: ConcludeParts,
  ask: PackageAsk,
  { driver, reporter }: PrepareParts,
  target: PackageTarget,
): ReadyPackages {
  const { journal, locks } = conclude;
  let entry: Applying | null = null;
  return {
    nothing: false,
    async apply() {
      entry = {
        entry: 'applying',
        lock: await locks.keep(target.lock),
        asked: ask.lock?.digest ?? null,
        sources: digestOf(ask.sources),
        policy: target.policy,
        managed: [...target.managed],
        before: await driver.installed(),
      };
      await journal.append(entry);
      await driver.apply(target, reporter).catch((error: unknown) => {
        throw clean(error, target.secrets);
      });
    },
    async finish() {
      if (entry === null) throw new Error('A change of packages ends before it was applied.');
      await journal.append({ entry: 'committed' });
      await concludeChange(conclude, { driver, target, entry, reporter });
    },
    async goBack() {
      const sentences = entry === null ? [] : await driver.undo(entry.before, reporter);
      await driver.restoreSources();
      await journal.clear();
      return sentences;
    },
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

const nothingToDo: ReadyPackages = {
  nothing: true,
  apply: () => Promise.resolve(),
  finish: () => Promise.resolve(),
  goBack: () => Promise.resolve([]),
};

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
