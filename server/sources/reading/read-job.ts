import type { Credentials } from '../../../proto/secret.ts';
import type { Source } from '../../../proto/source.ts';
import type { KnownFile } from '../fetching/download.ts';
import type { KnownFiles } from '../fetching/source-fetch.ts';
import type { IndexAddress, IndexFacts } from '../source-kind.ts';

/** What is to be read; plain data, so that it can go to a worker. */
export interface ReadJob {
  source: Source;
  /** In the repository's words. */
  archs: readonly string[];
  /** Files that somebody asked for by path, for kinds with `provides`. */
  paths: readonly string[];
  credentials: Credentials | null;
  proxyCredentials: Credentials | null;
  /**
   * Files that are on disk: of the last good reading and of those that failed since. `roots` are those of the last good
   * one that no other file vouches for; empty if there was none.
   */
  files: KnownFiles;
  roots: readonly string[];
  /** True: read everything though nothing changed. */
  reread: boolean;
  /** The time by which keys are judged, ms since 1970. */
  now: number;
}

/** An index that was read; its universe lies on disk as a snapshot. */
export interface ReadIndex {
  address: IndexAddress;
  facts: IndexFacts;
  /** Names the snapshot. */
  digest: string;
  packages: number;
}

export type ReadResult = {
  files: KnownFiles;
  roots: readonly string[];
  /** Null: everything is as at the last reading. */
  indexes: ReadIndex[] | null;
};

export interface ReadHooks {
  signal: AbortSignal;
  /** Hears of every file that is downloaded. */
  onUpdating(url: string): void;
  /** Hears of every file that was fetched and is what a verified file says of it; it may be used after a failure. */
  onVerified(url: string, file: KnownFile): void;
}

/** Reads sources, here or in a worker. */
export interface SourceReader {
  /** Leaves a snapshot on disk for every index. Rejects with a JamesError; then nothing is to be used. */
  read(job: ReadJob, hooks: ReadHooks): Promise<ReadResult>;
  stop(): Promise<void>;
}
