/** How often something may happen: evenly `perSecond`, after a rest up to `burst` at once. */
export interface Pace {
  perSecond: number;
  burst: number;
}

/**
 * The whole state of a pace is one number, the time in ms up to which its allowance is used (a leaky bucket as a virtual
 * schedule); 0 at the beginning. `spend` takes one more and returns the new state.
 */
export function spend(pace: Pace, usedUpTo: number, now: number): number {
  return Math.max(usedUpTo, now) + 1000 / pace.perSecond;
}

/** How many ms from `now` until one more is allowed; 0 if it is now. */
export function waitFor(pace: Pace, usedUpTo: number, now: number): number {
  const allowance = (pace.burst * 1000) / pace.perSecond;
  return Math.max(0, spend(pace, usedUpTo, now) - allowance - now);
}
