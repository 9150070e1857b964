import { parseDuration } from '../../../proto/duration.ts';
import type { Windows } from '../../../proto/windows.ts';
import { utcTime, zoneTimeOf } from '../../core/zone-time.ts';
import { type Blackout, blackoutOf } from './blackout.ts';
import { recurrenceOf } from './recurrence.ts';
import { shareOf } from './share.ts';
import { type Spans, spansOf } from './spans.ts';

export type Act = 'download' | 'apply';

export type WindowsVerdict =
  /** `until`: it is open at least so long; null if no end is near. */
  | { open: true; until: number | null }
  /** `opensAt`: null if it opens in the next two years at no time that could be found. */
  | { open: false; reason: 'window' | 'blackout'; opensAt: number | null };

const HORIZON_MS = 2 * 366 * 86_400_000;
/** So many windows are joined to one end, and so many are tried for a common beginning. */
const MAX_JOINED = 50;
const MAX_TRIED = 800;

/** What must hold, beside others. */
interface Condition {
  reason: 'window' | 'blackout';
  holds(instant: number): boolean;
  /** How long it holds at least from an instant at which it does; infinity if no end is near. */
  holdsUntil(instant: number): number;
  /** When it holds next, for an instant at which it does not; null: never. */
  holdsFrom(instant: number): number | null;
}

/**
 * Whether all of `windows` allow to download or to apply at `now` (ms). `zone` is the device's own, for those that name
 * none; a zone that nobody knows counts as UTC. `device` decides the device's share of the jitter.
 */
export function windowsAt(
  windows: readonly Windows[],
  act: Act,
  now: number,
  zone: string,
  device: string,
): WindowsVerdict {
  const conditions = windows.flatMap((one) => conditionsOf(one, act, zone, device));
  const closed = conditions.filter((condition) => !condition.holds(now));
  if (closed.length === 0) {
    const ends = conditions.map((condition) => condition.holdsUntil(now));
    const until = Math.min(Number.POSITIVE_INFINITY, ...ends);
    return { open: true, until: Number.isFinite(until) ? until : null };
  }
  const reason = closed.some((condition) => condition.reason === 'window') ? 'window' : 'blackout';
  return { open: false, reason, opensAt: opensAt(conditions, now) };
}

function conditionsOf(windows: Windows, act: Act, zone: string, device: string): Condition[] {
  const time = zoneTimeOf(windows.timezone ?? zone) ?? utcTime;
  const when = windows[act] ?? 'always';
  const conditions: Condition[] = [];
  if (when !== 'always') {
    const delayMs = durationOf(windows.jitter) * shareOf(device);
    const spans = when.flatMap((window) => {
      const recurrence = recurrenceOf(window);
      return recurrence ? [spansOf(recurrence, time, delayMs)] : [];
    });
    conditions.push(inAnyOf(spans));
  }
  if (act === 'apply' && windows.blackout && windows.blackout.length > 0)
    conditions.push(outside(blackoutOf(windows.blackout, time)));
  return conditions;
}

/** A text that is no duration counts as none. */
function durationOf(text: string | undefined): number {
  try {
    return text === undefined ? 0 : parseDuration(text);
  } catch {
    return 0;
  }
}

function inAnyOf(spans: readonly Spans[]): Condition {
  const endAt = (instant: number): number =>
    Math.max(instant, ...spans.map((one) => one.endAt(instant) ?? instant));
  return {
    reason: 'window',
    holds: (instant) => spans.some((one) => one.endAt(instant) !== null),
    holdsUntil(instant) {
      let end = endAt(instant);
      for (let n = 0; n < MAX_JOINED; n += 1) {
        const further = endAt(end);
        if (further === end) return end;
        end = further;
      }
      return Number.POSITIVE_INFINITY;
    },
    holdsFrom(instant) {
      const opening = spans.map((one) => one.opensAfter(instant) ?? Number.POSITIVE_INFINITY);
      const next = Math.min(Number.POSITIVE_INFINITY, ...opening);
      return Number.isFinite(next) ? next : null;
    },
  };
}

function outside(blackout: Blackout): Condition {
  return {
    reason: 'blackout',
    holds: (instant) => blackout.clearFrom(instant) === instant,
    holdsUntil: (instant) => blackout.beginsAfter(instant) ?? Number.POSITIVE_INFINITY,
    holdsFrom: (instant) => blackout.clearFrom(instant),
  };
}

/** The first instant after `now` at which all conditions hold; each that does not moves the search on. */
function opensAt(conditions: readonly Condition[], now: number): number | null {
  let instant = now;
  for (let n = 0; n < MAX_TRIED; n += 1) {
    const closed = conditions.find((condition) => !condition.holds(instant));
    if (!closed) return instant;
    const next = closed.holdsFrom(instant);
    if (next === null || next > now + HORIZON_MS) return null;
    instant = next;
  }
  return null;
}

/** The zones that are named and that nobody knows here. */
export function unknownZones(windows: readonly Windows[]): string[] {
  const named = windows.flatMap(({ timezone }) => (timezone === undefined ? [] : [timezone]));
  return [...new Set(named)].filter((name) => zoneTimeOf(name) === null);
}
