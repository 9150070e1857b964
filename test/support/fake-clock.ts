import type { Clock } from '../../proto/clock.ts';

/** A clock that moves only when a test says so. */
export interface FakeClock extends Clock {
  /** Moves on by `ms`, firing the timers on the way in their order, and lets what they started run. */
  advance(ms: number): Promise<void>;
  /** Moves the wall clock alone, as when somebody sets it. */
  setNow(now: number): void;
  /** Timers that wait. */
  pending(): number;
}

export function createFakeClock(start = Date.UTC(2026, 0, 1)): FakeClock {
  let now = start;
  let elapsed = 0;
  const timers = new Set<{ at: number; callback: () => void }>();

  function after(ms: number, callback: () => void): () => void {
    const timer = { at: elapsed + Math.max(0, ms), callback };
    timers.add(timer);
    return () => timers.delete(timer);
  }

  function nextUntil(end: number) {
    return [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
  }

  return {
    now: () => now,
    monotonic: () => elapsed,
    after,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const cancel = after(ms, resolve);
        signal?.addEventListener('abort', () => {
          cancel();
          reject(signal.reason);
        });
      }),
    setNow: (value) => {
      now = value;
    },
    pending: () => timers.size,
    async advance(ms) {
      const end = elapsed + ms;
      for (let timer = nextUntil(end); timer; timer = nextUntil(end)) {
        timers.delete(timer);
        now += timer.at - elapsed;
        elapsed = timer.at;
        timer.callback();
        await new Promise((resolve) => setImmediate(resolve));
      }
      now += end - elapsed;
      elapsed = end;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
