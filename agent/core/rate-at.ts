import { bytesPerSecond, type DownloadPolicy, type RateSpan } from '../../proto/device-policy.ts';
import { utcTime, type ZoneTime, zoneTimeOf } from './zone-time.ts';

/** How fast a device may download. */
export interface RateNow {
  /** Null: as fast as it goes. */
  bytesPerSecond: number | null;
  /** It stays so at least until this instant, in ms; null: always. */
  until: number | null;
}

const DAY_MS = 86_400_000;
/** Clocks are changed at full quarters of an hour only. */
const QUARTER_MS = 900_000;

/**
 * The rate at an instant. A span counts while the wall of `zone` (the device's own; one that nobody knows counts as UTC)
 * shows a time in it, its end excluded; one whose end is before its beginning goes over midnight. Where spans overlap,
 * the lowest rate counts; outside of all there is no limit.
 */
export function rateAt(rate: DownloadPolicy['rate'], now: number, zone: string): RateNow {
  if (rate === undefined) return { bytesPerSecond: null, until: null };
  if (typeof rate === 'string') return { bytesPerSecond: bytesPerSecond(rate), until: null };
  const time = zoneTimeOf(zone) ?? utcTime;
  const wall = time.wallOf(now);
  const inDay = wall % DAY_MS;
  const rates = rate.filter((span) => isIn(span, inDay)).map((span) => bytesPerSecond(span.rate));
  return {
    bytesPerSecond: rates.length === 0 ? null : Math.min(...rates),
    until: nextChange(rate, now, time),
  };
}

function isIn({ from, to }: RateSpan, inDay: number): boolean {
  const [begin, end] = [inDayMs(from), inDayMs(to)];
  if (begin <= end) return begin <= inDay && inDay < end;
  return begin <= inDay || inDay < end;
}

function nextChange(spans: readonly RateSpan[], now: number, time: ZoneTime): number {
  if (time.changeNear(now) !== 0) return (Math.floor(now / QUARTER_MS) + 1) * QUARTER_MS;
  const wall = time.wallOf(now);
  const midnight = wall - (wall % DAY_MS);
  const edges = spans
    .flatMap(({ from, to }) => [inDayMs(from), inDayMs(to)])
    .map((edge) => midnight + edge)
    .map((edge) => (edge > wall ? edge : edge + DAY_MS));
  return now + Math.min(...edges.map((edge) => edge - wall));
}

const inDayMs = (time: string): number =>
  (Number(time.slice(0, 2)) * 60 + Number(time.slice(3))) * 60_000;
