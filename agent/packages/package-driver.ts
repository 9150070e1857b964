import type { DesiredSource, PackagePolicy } from '../../proto/desired-source.ts';
import type { InstalledPackage, Lock } from '../../proto/lock.ts';
import type { PackageType } from '../../proto/package-line.ts';
import type { PackageFinding } from './core/package-finding.ts';
import type { Simulation } from './core/simulation.ts';

export type { PackageFinding, Simulation };

/** What the device's package manager shall bring about. */
export interface PackageTarget {
  lock: Lock;
  sources: readonly DesiredSource[];
  policy: PackagePolicy;
  /** User and password by the name of the secret; fetched before the driver is asked, never written to logs. */
  secrets: ReadonlyMap<string, { username: string; password: string }>;
  /** Names that jamesd itself installed before; only these may be removed under `unmanaged: keep`. */
  managed: ReadonlySet<string>;
}

/** Lines of a running package manager, and bytes downloaded of a total. */
export interface PackageReporter {
  log(lines: readonly string[]): void;
  progress(bytes: number, total: number): void;
}

/**
 * One package manager of a device. Every call copes with a locked or interrupted package manager: it waits with a limit
 * and says who holds it, and finishes what was cut off. Throws JamesError with a code of the catalogue.
 */
export interface PackageDriver {
  /** The word of the fact `packages`: `apt`, `dnf`, `zypper`. */
  readonly manager: string;
  readonly type: PackageType;
  /** Whether the package manager can pick versions by itself (`version: auto`). */
  readonly supportsAuto: boolean;
  /** True if the package manager is there. */
  available(): Promise<boolean>;
  installed(): Promise<InstalledPackage[]>;
  /** The files that the sources of the target make, in place of those of the last target; nothing else is touched. */
  writeSources(target: PackageTarget): Promise<void>;
  /** Puts the files back that `writeSources` replaced last, unless they were kept; whatever else happened meanwhile. */
  restoreSources(): Promise<void>;
  /** From now on the files stay. */
  keepSources(): Promise<void>;
  /** Reads the indexes of its sources anew. */
  update(reporter: PackageReporter, signal: AbortSignal): Promise<void>;
  simulate(target: PackageTarget): Promise<Simulation>;
  /** Fetches every file that `apply` will need, so that it needs no network. Throws `no-space` before it begins. */
  download(target: PackageTarget, reporter: PackageReporter, signal: AbortSignal): Promise<void>;
  /**
   * Puts the files of all that `apply` and `remove` will replace where `undo` finds them: from the cache, the sources, or
   * made anew from what is installed. Gives a sentence for each package whose file cannot be had.
   */
  holdWayBack(
    target: PackageTarget,
    reporter: PackageReporter,
    signal: AbortSignal,
  ): Promise<string[]>;
  /** Installs, upgrades and marks what the lock names; removes only what stands in the way of that. Not to be aborted. */
  apply(target: PackageTarget, reporter: PackageReporter): Promise<void>;
  /** Removes what `apply` left and nobody wants any more. Not to be aborted. */
  remove(target: PackageTarget, reporter: PackageReporter): Promise<void>;
  /** Puts back what is not as in `before`, from files on disk. The sentences say what could not be put back. */
  undo(before: readonly InstalledPackage[], reporter: PackageReporter): Promise<string[]>;
  /** Nothing is to be put back any more: drops the files that are needed for that only. */
  forgetWayBack(): Promise<void>;
  /** Whether the package manager says that the machine must be restarted for what was installed. */
  needsReboot(): Promise<boolean>;
  /** Compares installed packages and their files with the lock. Unmanaged packages are `extra` only where the policy asks. */
  verify(target: PackageTarget): Promise<PackageFinding[]>;
}
