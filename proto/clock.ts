/** The port to time. Nobody else reads a clock or sets a timer, so tests run on a clock of their own. */
export interface Clock {
  /** Wall-clock time in ms since 1970; may jump. */
  now(): number;
  /** Monotonic time in ms; for durations. */
  monotonic(): number;
  /** Calls `callback` once after `ms`; returns the function that cancels it. Timers do not keep a process alive. */
  after(ms: number, callback: () => void): () => void;
  /** Resolves after `ms`, or rejects with the signal's reason as soon as it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A source of random numbers from 0 (inclusive) to 1 (exclusive). */
export type Random = () => number;
