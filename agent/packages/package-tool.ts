import type { DesiredSource } from '../../proto/desired-source.ts';
import type { PackageType } from '../../proto/package-line.ts';
import type { RenderOptions, SourceFile } from '../../proto/source-files/source-file.ts';
import type { PresentPackage } from './core/present-package.ts';
import type { ToolAnswer } from './core/tool-simulation.ts';
import type { FileFinding } from './core/verify-output.ts';
import type { PackageReporter } from './package-driver.ts';

/** A package that a package manager is asked for; without version it picks one. */
export interface AskedPackage {
  name: string;
  arch: string;
  version: string | null;
}

/** What a package manager is asked to do in one go. */
export interface ToolRequest {
  install: readonly AskedPackage[];
  remove: readonly { name: string; arch: string }[];
}

/** Packages to be put back by their files, and packages that came and go again. */
export interface WayBack {
  files: readonly string[];
  remove: readonly { name: string; arch: string }[];
}

/**
 * One package manager as a thin shell: asks and tells, decides nothing. What is decided from its answers stands in
 * `package-plan.ts` and `differences.ts` and is the same for all. Calls wait for a lock of others with a limit and throw
 * JamesError with a code of the catalogue.
 */
export interface PackageTool {
  readonly manager: string;
  readonly type: PackageType;
  readonly supportsAuto: boolean;
  /** Throws `unsupported` with what to do, where it is there in a version that cannot be used. */
  available(): Promise<boolean>;
  /** What is installed; whether somebody asked for it only with `marks`. */
  present(options: { marks: boolean }): Promise<PresentPackage[]>;
  /** The files that make it use these sources. */
  sourceFiles(sources: readonly DesiredSource[], options: RenderOptions): SourceFile[];
  /** Whether a file of `sourceFiles` names sources, and so belongs to the sources that it is limited to. */
  namesSources(path: string): boolean;
  /** Where packages are kept after a download: a path on the host, for the free space there. */
  readonly cache: string;
  /** Limits it to the sources in the given files, whose paths inside are of the host. */
  limitTo(files: readonly SourceFile[]): Promise<void>;
  /** Ends what was cut off. */
  finishInterrupted(reporter: PackageReporter): Promise<void>;
  update(reporter: PackageReporter, signal: AbortSignal): Promise<void>;
  simulate(request: ToolRequest): Promise<ToolAnswer>;
  /** How it is told of a package, without a version. */
  wordOf(one: Pick<AskedPackage, 'name' | 'arch'>): string;
  /** Whether a package for any architecture must be asked for as such (`noarch`), and not by the device's own. */
  readonly namesAnyArch: boolean;
  download(request: ToolRequest, reporter: PackageReporter, signal: AbortSignal): Promise<void>;
  carryOut(request: ToolRequest, reporter: PackageReporter): Promise<void>;
  mark(auto: readonly string[], manual: readonly string[]): Promise<void>;
  /** What is wrong with files of these packages, by `keyOf`. */
  findings(
    packages: readonly { name: string; arch: string }[],
  ): Promise<ReadonlyMap<string, readonly FileFinding[]>>;
  /** The file of that package, if it is on disk. */
  fileOf(wanted: { name: string; version: string; arch: string }): Promise<string | null>;
  /** Fetches or makes the file of an installed package, so that `fileOf` finds it; false if it cannot be had. */
  obtain(
    wanted: { name: string; version: string; arch: string },
    reporter: PackageReporter,
    signal: AbortSignal,
  ): Promise<boolean>;
  /** Removes files of packages that neither the device nor the way back needs; `installed` is what there is. */
  tidy(installed: readonly { name: string; version: string; arch: string }[]): Promise<void>;
  /** Whether the machine must be restarted for what was installed. */
  needsReboot(): Promise<boolean>;
  putBack(way: WayBack, reporter: PackageReporter): Promise<void>;
}
