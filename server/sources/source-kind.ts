import type { Source } from '../../proto/source.ts';
import type { Family, PackageRecord } from '../resolver/core/universe.ts';

/** One index of a source: what a component and an architecture offer. */
export interface IndexAddress {
  component: string | null;
  /** In the repository's words; null where the layout has none. */
  arch: string | null;
  /** The directory, with a slash at its end. */
  url: string;
}

/** A file of a repository that was fetched and, where the repository has signatures and checksums, verified. */
export interface FetchedFile {
  url: string;
  bytes: Uint8Array;
}

/** What a verified file says of another one. At least one checksum is needed. */
export interface ExpectedFile {
  /** Of the file as it is fetched. */
  sha256?: string;
  sha512?: string;
  size?: number;
  /** Bytes after decompression: more are refused. */
  openSize?: number;
}

/**
 * Gets files of a repository for a kind: conditional, within limits of size and time, decompressed (the first bytes say
 * how). `expected` makes a file that lies an error. Null only for an `optional` file that the repository lacks.
 */
export interface Fetch {
  file(
    url: string,
    options?: { expected?: ExpectedFile; optional?: boolean },
  ): Promise<FetchedFile | null>;
  /** Throws `bad-signature` unless a key of the source signed it. Returns the signed text of a cleartext signature. */
  verifyCleartext(file: FetchedFile): Promise<string>;
  verifyDetached(file: FetchedFile, signature: FetchedFile): Promise<void>;
}

/**
 * A kind of repository: one file. Fetching, checking, snapshots and resolving are shared.
 */
export interface SourceKind {
  readonly type: string;
  readonly family: Family;
  /** Values of the label `os` (or of `os.like`) whose devices can use it. */
  readonly sentinels: readonly string[];
  /**
   * The repository's word for an architecture of a device (`armv7l` → `armhf`); the word itself if it has no other. `os`
   * is the device's label, for systems that use a word in their own way.
   */
  archOf(word: string, os?: string): string;
  /** The indexes of a source for architectures in the repository's words. */
  urls(source: Source, archs: readonly string[]): IndexAddress[];
  /** Fetches an index through `fetch`, checks it, and gives its packages to `add`. Runs in a worker. */
  read(
    source: Source,
    index: IndexAddress,
    fetch: Fetch,
    add: (record: PackageRecord) => void,
  ): Promise<IndexFacts>;
  /** Where what is provided needs more than `read` fetched: files for exactly these paths, by package (`name version arch`). */
  provides?(
    source: Source,
    index: IndexAddress,
    fetch: Fetch,
    paths: ReadonlySet<string>,
  ): Promise<ReadonlyMap<string, readonly string[]>>;
}

/** What the repository says of an index. Times in ms since 1970. */
export interface IndexFacts {
  /** Identifies the content: of the Release file or of repomd.xml. */
  digest: string;
  date: number | null;
  validUntil: number | null;
  /** apt's NotAutomatic and ButAutomaticUpgrades: priority 1 or 100 instead of 500. */
  notAutomatic: boolean;
  butAutomaticUpgrades: boolean;
}
