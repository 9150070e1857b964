import type { Readable } from 'node:stream';

/** The port to content, addressed by the SHA-256 of its bytes (`sha256:…`). Content is immutable. */
export interface BlobStore {
  /**
   * Reads the stream to its end and keeps it under its digest, on disk before it returns. Never holds the whole in
   * memory. Throws JamesError `too-large` past `maxBytes`, `no-space` on a full disk; then nothing is kept.
   */
  put(content: AsyncIterable<Uint8Array>, options: { maxBytes: number }): Promise<BlobInfo>;

  /** Size in bytes, or undefined if it is not here. */
  stat(id: string): Promise<BlobInfo | undefined>;

  /** The bytes from `start` to `end` (inclusive), all by default; undefined if it is not here. */
  read(id: string, range?: { start: number; end: number }): Promise<Readable | undefined>;

  /**
   * Gives the bytes from `start` to `end` (inclusive) to `take`, piece by piece; cheaper than `read`. A piece is valid only
   * until the promise for it resolves. False if it is not here; throws what `take` throws.
   */
  pour(
    id: string,
    range: { start: number; end: number },
    take: (piece: Uint8Array) => Promise<void>,
  ): Promise<boolean>;

  /** Removes content; no error if it is not here. A reader that is under way reads on to the end. */
  delete(id: string): Promise<void>;

  /** All ids, in no order. */
  list(): AsyncIterable<BlobInfo>;

  /** Removes what was begun and never finished, for example by a process that was killed. */
  removeUnfinished(): Promise<number>;

  /** Bytes free where the content lies. */
  freeBytes(): Promise<number>;
}

export interface BlobInfo {
  id: string;
  size: number;
}
