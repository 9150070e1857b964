/** The part of an `abstract-level` database that the store uses: UTF-8 keys and values, atomic batches, snapshots. */
export interface Database {
  open(): Promise<void>;
  close(): Promise<void>;
  get(key: string): Promise<string | undefined>;
  getMany(keys: string[]): Promise<(string | undefined)[]>;
  batch(operations: DatabaseOperation[], options: { sync: boolean }): Promise<void>;
  /** Sees the database as it was when the iterator was made. */
  iterator(range: DatabaseRange): AsyncIterable<[string, string]>;
}

export type DatabaseOperation =
  | { type: 'put'; key: string; value: string }
  | { type: 'del'; key: string };

export interface DatabaseRange {
  gt?: string;
  gte?: string;
  lt?: string;
  lte?: string;
  reverse?: boolean;
  limit?: number;
}
