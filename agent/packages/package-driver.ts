import type { DesiredSource, PackagePolicy } from '../../proto/desired-source.ts';
import type { InstalledPackage, Lock } from '../../proto/lock.ts';
import type { PackageType } from '../../proto/package-line.ts';
import type { PacketStatus } from '../../proto/reported.ts';

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

/** What the package manager would do; nothing is touched. */
export interface Simulation {
  install: InstalledPackage[];
  upgrade: { from: InstalledPackage; to: InstalledPackage }[];
  downgrade: { from: InstalledPackage; to: InstalledPackage }[];
  remove: InstalledPackage[];
  /** Bytes to download, and bytes more on the file system afterwards (may be negative). */
  downloadBytes: number;
  diskBytes: number;
  /** Where it differs from the lock: sentences. Empty: it does exactly what the lock says. */
  differences: string[];
}

/** A package that is not as it should be. */
export interface PackageFinding {
  name: string;
  status: PacketStatus;
  error: string | null;
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
  /** Puts the files back that `writeSources` replaced last. */
  restoreSources(): Promise<void>;
  /** Reads the indexes of its sources anew. */
  update(reporter: PackageReporter, signal: AbortSignal): Promise<void>;
  simulate(target: PackageTarget): Promise<Simulation>;
  /** Fetches every file that `apply` will need, so that it needs no network. */
  download(target: PackageTarget, reporter: PackageReporter, signal: AbortSignal): Promise<void>;
  /** Brings the lock about: installs, upgrades, removes, marks. To its end; not to be aborted. */
  apply(target: PackageTarget, reporter: PackageReporter): Promise<void>;
  /** Compares installed packages and their files with the lock. Unmanaged packages are `extra` only where the policy asks. */
  verify(target: PackageTarget): Promise<PackageFinding[]>;
}
