import { setTimeout as delay } from 'node:timers/promises';
import type { Clock, Random } from '../../proto/clock.ts';

/** The real clock. Unlike a daemon's, its `sleep` keeps the process alive: a command that waits is not done. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
  async sleep(ms, signal) {
    await delay(ms, undefined, signal ? { signal } : {}).catch((cause: unknown) => {
      throw signal?.aborted ? signal.reason : cause;
    });
  },
};

/** The real randomness; for jitter only. */
export const systemRandom: Random = () => Math.random();
