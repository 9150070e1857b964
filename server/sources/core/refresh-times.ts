/** The first pause after a failure in ms; it doubles up to the interval. */
const FIRST_RETRY_MS = 60_000;

/**
 * Milliseconds until the next refresh: the interval, or a shorter time after failures; between 90 % and 110 % of it, so
 * that sources do not stay in step. `random` is from 0 to 1.
 */
export function untilNext(intervalMs: number, failures: number, random: number): number {
  const retry = FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 30);
  const time = failures === 0 ? intervalMs : Math.min(retry, intervalMs);
  return Math.round(time * (0.9 + random * 0.2));
}
