import { formatAge } from '../core/duration.ts';

/** How long ago a timestamp (RFC 3339) was, such as `3m`; `-` for none. `now` in ms since 1970. */
export function ageOf(timestamp: string | null, now: number): string {
  if (timestamp === null) return '-';
  const at = Date.parse(timestamp);
  return Number.isNaN(at) ? timestamp : formatAge(now - at);
}

/** How long until a timestamp; `expired` if it has passed. */
export function timeUntil(timestamp: string | null, now: number): string {
  if (timestamp === null) return 'never';
  const at = Date.parse(timestamp);
  return at <= now ? 'expired' : `in ${formatAge(at - now)}`;
}

/** Date and time in UTC to the second. */
export function shortTime(timestamp: string): string {
  return timestamp.replace('T', ' ').replace(/\.\d+Z$/, 'Z');
}
