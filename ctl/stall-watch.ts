import type { Clock } from '../proto/clock.ts';

/** Gives a transfer up when nothing moves any more. */
export interface StallWatch {
  /** Aborted when nothing moved for the time given last. */
  signal: AbortSignal;
  /** Something moved: from now on so many ms may pass. */
  moved(ms: number): void;
  end(): void;
}

/** Watches from the first `moved` on. */
export function createStallWatch(clock: Clock): StallWatch {
  const stall = new AbortController();
  let cancel = (): void => {};
  return {
    signal: stall.signal,
    moved(ms) {
      cancel();
      cancel = clock.after(ms, () => stall.abort(new Error('the connection stands still')));
    },
    end: () => cancel(),
  };
}
