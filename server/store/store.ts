/**
 * The port to durable state: an ordered map from text keys to JSON texts, with atomic, durable batches.
 *
 * Every batch gets the next sequence number; an entry's `revision` is the sequence number of the batch that wrote it.
 * Sequence numbers only grow, also across restarts, so a revision is never used twice for a key. Keys are compared by
 * their UTF-8 bytes.
 */
export interface Store {
  /** The entry of a key, or undefined. Sees every batch that was acknowledged before the call. */
  get(key: string): Promise<Entry | undefined>;

  /** The entries of several keys, in their order. */
  getMany(keys: readonly string[]): Promise<(Entry | undefined)[]>;

  /** Entries of a range in key order, as of one moment. Bounded memory: may be iterated over millions. */
  range(range: Range): AsyncIterable<Entry>;

  /**
   * Applies all operations or none, and returns the batch's sequence number once they are on disk (they survive a kill
   * and a power cut). Batches become visible in the order of their sequence numbers.
   * Throws StaleError, having changed nothing, if an expectation does not hold; JamesError `no-space` if the disk is full.
   */
  batch(operations: readonly Operation[], expect?: readonly Expectation[]): Promise<number>;

  /**
   * Calls `listener` after each batch that touched a key beginning with `prefix`, in the order of the batches, with the
   * touched keys and the batch's sequence number. It is an event, not the truth: what is read afterwards may be newer.
   * Returns the function that ends it.
   */
  watch(prefix: string, listener: (keys: readonly string[], sequence: number) => void): () => void;

  /** The sequence number of the newest batch; 0 in an empty store. */
  sequence(): number;

  /** Ends all work under way and frees the data for the next to open it. */
  close(): Promise<void>;
}

export interface Entry {
  key: string;
  /** JSON text, as it was put. */
  value: string;
  revision: number;
}

/** A part of the key space; bounds are keys. `limit` counts entries. */
export interface Range {
  gt?: string;
  gte?: string;
  lt?: string;
  lte?: string;
  reverse?: boolean;
  limit?: number;
}

export type Operation = { put: string; value: string } | { delete: string };

/** The revision that a key must have for a batch to be applied; 0 means that it must not exist. */
export interface Expectation {
  key: string;
  revision: number;
}

/** An expectation of a batch did not hold: somebody else was faster. */
export class StaleError extends Error {
  readonly key: string;
  constructor(key: string) {
    super(`"${key}" has another revision than expected`);
    this.name = 'StaleError';
    this.key = key;
  }
}

/** All keys that begin with `prefix`. */
export function prefixRange(prefix: string): Range {
  return { gte: prefix, lt: `${prefix}\u{10ffff}` };
}
