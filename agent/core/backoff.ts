import type { Random } from '../../proto/clock.ts';

/** How long to wait between tries: doubles from `baseMs` up to `capMs`. */
export interface BackoffPolicy {
  baseMs: number;
  capMs: number;
}

/**
 * The wait in ms before the try after `failures` failed ones (1 or more). Half of it is chance, so that many devices that
 * fail together do not come back together: the result lies in [full / 2, full) of the exponential step.
 */
export function backoffDelay(policy: BackoffPolicy, failures: number, random: Random): number {
  const doublings = Math.min(Math.max(failures - 1, 0), 30);
  const full = Math.min(policy.capMs, policy.baseMs * 2 ** doublings);
  return Math.floor(full / 2 + (full / 2) * random());
}

/** A duration in ms moved by chance by up to a quarter in either direction. */
export function jittered(ms: number, random: Random): number {
  return Math.floor(ms * (0.75 + random() / 2));
}
