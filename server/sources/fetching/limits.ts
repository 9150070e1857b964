/** What a repository may cost. Times in ms. */
export interface FetchLimits {
  /** Until a connection stands. */
  connectMs: number;
  /** Without a byte. */
  idleMs: number;
  /** For one file, its attempts and redirects together. */
  totalMs: number;
  /** Bytes of a file as it is downloaded, where the repository did not say its size in a verified file. */
  maxBytes: number;
  /** Bytes of a file after decompression. */
  maxOpenBytes: number;
  maxRedirects: number;
  /** How often a transient failure is tried in all, and how long the first pause is at most; it doubles. */
  attempts: number;
  retryMs: number;
}

export const defaultLimits: FetchLimits = {
  connectMs: 15_000,
  idleMs: 60_000,
  totalMs: 15 * 60_000,
  maxBytes: 512 * 1024 ** 2,
  maxOpenBytes: 2 * 1024 ** 3,
  maxRedirects: 5,
  attempts: 3,
  retryMs: 2_000,
};
