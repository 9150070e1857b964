import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../proto/clock.ts';

/** Lets long work give way to everything else that waits on the event loop. */
export interface Slices {
  /** True if the present slice is used up: then `await rest()`. */
  due(): boolean;
  rest(): Promise<void>;
}

/** Slices of about `ms` of work. */
export function createSlices(clock: Clock, ms = 8): Slices {
  let end = clock.monotonic() + ms;
  return {
    due: () => clock.monotonic() >= end,
    async rest() {
      await setImmediate();
      end = clock.monotonic() + ms;
    },
  };
}
