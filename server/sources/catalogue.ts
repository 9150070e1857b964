import type { ErrorCode } from '../../proto/errors.ts';
import type { Credentials } from '../../proto/secret.ts';
import type { Source } from '../../proto/source.ts';
import type { Universe } from '../resolver/core/universe.ts';
import type { IndexAddress, IndexFacts } from './source-kind.ts';

/**
 * What the sources offer: the last good universes of all indexes, in memory and on disk. It fetches what is missing or
 * changed, and swaps a source in whole or not at all.
 */
export interface Catalogue {
  /** Loads what is on disk, follows the documents, and begins to refresh in the background. No network is awaited. */
  start(): Promise<void>;
  /** Ends what runs; nothing half-written stays. */
  stop(): Promise<void>;
  /** What is loaded of a source, in the order of its addresses; none before its first good refresh. */
  indexesOf(sourceId: string): readonly LoadedIndex[];
  /** Null if there is no such source. */
  status(sourceId: string): SourceStatus | null;
  /** Calls `listener` with the ids of sources after other universes were swapped in. Returns the function that ends it. */
  onChange(listener: (ids: readonly string[]) => void): () => void;
  /** Calls `listener` whenever the status of a source changes; with a line of progress, or null. */
  onStatus(listener: (id: string, line: string | null) => void): () => void;
  /**
   * Downloads what changed and reads everything again, for these sources or all. Resolves when all are done; a source
   * that failed is an outcome, not a rejection. Throws `not-found` if a source does not exist.
   */
  refresh(
    ids?: readonly string[],
    reporter?: Reporter,
    options?: RefreshOptions,
  ): Promise<SourceOutcome[]>;
  /** Reads the configuration again and downloads only what is missing. */
  reload(reporter?: Reporter): Promise<SourceOutcome[]>;
  /** Downloads what is missing of these sources, such as the index of an architecture that nobody had. */
  fetchMissing(ids: readonly string[]): Promise<SourceOutcome[]>;
  /**
   * Asks the repositories for files behind these paths (`SourceKind.provides`), for the indexes of these sources whose
   * kind has more than it read at first; what was found is kept and swapped in. True if something was found.
   */
  needPaths(sourceIds: readonly string[], paths: ReadonlySet<string>): Promise<boolean>;
  /** How many refreshes ended in each way since the start. */
  counts(): Readonly<Record<SourceOutcome['result'], number>>;
  /** Resolves when nothing runs or waits to run. */
  settled(): Promise<void>;
}

export interface RefreshOptions {
  /** Take an index though its date is before that of the one in use. */
  allowOlder?: boolean;
}

/** An index that is in use. Indexes with the same content share one universe. */
export interface LoadedIndex {
  /** The id of the source. */
  source: string;
  address: IndexAddress;
  universe: Universe;
  facts: IndexFacts;
  /** When the repository last confirmed it, ms since 1970. */
  fetchedAt: number;
  /** Identifies the universe: equal digests mean equal packages. */
  digest: string;
}

/** Why a refresh failed: a code of the catalogue of errors and a sentence without credentials. */
export interface SourceFault {
  code: ErrorCode;
  detail: string;
}

/** How a source stands. Times in ms since 1970. */
export interface SourceStatus {
  id: string;
  /** `off`: `metadata: false`, no index is fetched. `new`: no refresh has ended yet. */
  state: 'ready' | 'failed' | 'new' | 'off';
  refreshing: boolean;
  /** The last refresh that ended well, and the last that ended. */
  lastGoodAt: number | null;
  lastTriedAt: number | null;
  nextAt: number | null;
  error: SourceFault | null;
  packages: number;
  /** Bytes of the universes in use. */
  bytes: number;
  indexes: IndexStatus[];
}

export interface IndexStatus {
  /** Without credentials. */
  url: string;
  component: string | null;
  arch: string | null;
  packages: number;
  bytes: number;
  digest: string;
  date: number | null;
  validUntil: number | null;
  fetchedAt: number;
}

/** How a refresh of one source ended. `unchanged`: good, and as it was. */
export interface SourceOutcome {
  source: string;
  result: 'updated' | 'unchanged' | 'failed' | 'skipped';
  error: SourceFault | null;
  packages: number;
}

/** Hears of a refresh as it goes on. */
export type Reporter = (progress: SourceProgress) => void;

export interface SourceProgress {
  source: string;
  /** `Updating URL`, or how the source ended, as one line. */
  line: string;
}

/** A source as its document stands. */
export type SourceDocument = Source & { revision: number };

/** Where the catalogue gets source documents from. */
export interface SourceDocuments {
  all(): Iterable<SourceDocument>;
  get(id: string): SourceDocument | undefined;
  /** Calls `listener` with the ids of sources that were made, changed or deleted. Returns the function that ends it. */
  onChange(listener: (ids: readonly string[]) => void): () => void;
}

/** Gives what a source's `auth` names; undefined if there is no such secret. */
export type SecretOf = (name: string) => Credentials | undefined;
