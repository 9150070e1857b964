import type { Clock } from '../../proto/clock.ts';

/** Slows streams of bytes down to a rate that all of them share. */
export interface Throttle {
  /**
   * Resolves when `bytes` may be taken in, in the order of the calls. Rejects with the signal's reason as soon as it is
   * aborted; those bytes then do not count.
   */
  take(bytes: number, signal?: AbortSignal): Promise<void>;
}

export interface ThrottleOptions {
  clock: Clock;
  /** Bytes in a second, now; null: as many as come. Asked at each `take` and while one waits. */
  rate(): number | null;
}

/** So much may be taken at once after a pause. */
const BURST_SECONDS = 1;
/** So often the rate is asked while somebody waits, so that a new one counts soon. */
const LOOK_MS = 5000;

/**
 * A bucket that fills at the rate. Whoever finds something in it takes all of its bytes, and the bucket owes the rest: so
 * pieces may be larger than the bucket, and over time the rate is kept.
 */
export function createThrottle({ clock, rate }: ThrottleOptions): Throttle {
  let filled = 0;
  let filledAt = clock.monotonic();
  let last: Promise<void> = Promise.resolve();

  const fill = (perSecond: number): void => {
    const now = clock.monotonic();
    const more = ((now - filledAt) / 1000) * perSecond;
    filled = Math.min(perSecond * BURST_SECONDS, filled + more);
    filledAt = now;
  };
  const wait = async (bytes: number, signal?: AbortSignal): Promise<void> => {
    for (;;) {
      signal?.throwIfAborted();
      const perSecond = rate();
      if (perSecond === null) {
        filled = 0;
        filledAt = clock.monotonic();
        return;
      }
      fill(perSecond);
      if (filled > 0) {
        filled -= bytes;
        return;
      }
      const ms = Math.ceil((-filled / perSecond) * 1000) + 1;
      await clock.sleep(Math.min(ms, LOOK_MS), signal);
    }
  };

  return {
    take(bytes, signal) {
      const turn = last.then(() => wait(bytes, signal));
      last = turn.catch(() => undefined);
      return signal ? orAborted(turn, signal) : turn;
    },
  };
}

/** One who still stands in line leaves it at once. */
function orAborted(turn: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    turn.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
