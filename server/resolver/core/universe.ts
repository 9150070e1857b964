/** Package managers that have an order of versions and a grammar of relations in common. */
export type Family = 'deb' | 'rpm';

/**
 * The relations of a package, in one vocabulary for all families. deb: the text of the field as it stands in the index
 * (`libc6 (>= 2.14), foo | bar`). rpm: one entry a line (`libfoo >= 1:2-3`, `(a if b)`, `/usr/bin/awk`).
 * `obsoletes` is deb's Replaces and rpm's Obsoletes.
 */
export const relationKinds = [
  'preDepends',
  'depends',
  'recommends',
  'suggests',
  'supplements',
  'enhances',
  'conflicts',
  'breaks',
  'obsoletes',
  'provides',
] as const;
export type RelationKind = (typeof relationKinds)[number];

export const multiArchs = ['no', 'same', 'foreign', 'allowed'] as const;
export type MultiArch = (typeof multiArchs)[number];

/** Debian policy 2.5, the most important first. */
export const packagePriorities = [
  'required',
  'important',
  'standard',
  'optional',
  'extra',
] as const;
export type PackagePriority = (typeof packagePriorities)[number];

/** A package as an index describes it; what a reader hands to the builder. Absent texts are ''. */
export interface PackageRecord {
  name: string;
  /** In the family's full writing: `epoch:upstream-revision`, `epoch:version-release` (an epoch of 0 is left out). */
  version: string;
  arch: string;
  /** Relations without an entry do not exist. */
  relations: Partial<Record<RelationKind, string>>;
  multiArch?: MultiArch;
  essential?: boolean;
  /** deb's `Important` and `Protected`. */
  protected?: boolean;
  priority?: PackagePriority;
  section?: string;
  /** The source package, `name` or `name (version)`. */
  sourcePackage?: string;
  /** Where the file lies below the repository, its bytes, and `sha256:HEX` of it. */
  location?: string;
  size?: number;
  /** Bytes on the device. */
  installedSize?: number;
  checksum?: string;
  summary?: string;
  /** rpm: files of the package that the index lists (those in primary.xml). */
  files?: readonly string[];
}

/**
 * The packages of one index: immutable and compact. A package is a number from 0 to `count - 1`, in the order of the index.
 * Texts have ids; equal relation texts have equal ids, so what is parsed from one can be kept by id. Id 0 is ''.
 */
export interface Universe {
  readonly family: Family;
  readonly count: number;
  /** How many text ids there are. */
  readonly textCount: number;
  text(id: number): string;
  name(index: number): string;
  /** The names of all packages, in order; made anew at each call. */
  names(): string[];
  version(index: number): string;
  arch(index: number): string;
  /** The text id of a relation field; 0 if the package has none of this kind. */
  relation(index: number, kind: RelationKind): number;
  multiArch(index: number): MultiArch;
  essential(index: number): boolean;
  protected(index: number): boolean;
  /** `extra` where the index says nothing. */
  priority(index: number): PackagePriority;
  section(index: number): string;
  sourcePackage(index: number): string;
  location(index: number): string;
  checksum(index: number): string;
  summary(index: number): string;
  size(index: number): number;
  installedSize(index: number): number;
  files(index: number): readonly string[];
  /** Packages of this name, in the order of the index. */
  named(name: string): readonly number[];
  /** Packages whose Provides mention the name, whatever the version, in the order of the index. */
  providers(name: string): readonly number[];
  /** Packages that list the file. */
  owners(path: string): readonly number[];
  /** deb: the rank of a name by its first mention in the index, as a package or in a relation; -1 if it has none. */
  mention(name: string): number;
  /** Bytes held by tables and texts. */
  readonly bytes: number;
}
