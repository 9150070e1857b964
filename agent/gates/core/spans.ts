import type { ZoneTime } from '../../core/zone-time.ts';
import type { Recurrence } from './recurrence.ts';

/** A window in a zone, as spans of time that come again and again; they may overlap. */
export interface Spans {
  /** The end of the last span that is open at an instant; null if none is. */
  endAt(instant: number): number | null;
  /** The beginning of the first span that opens after an instant; null if none ever does. */
  opensAfter(instant: number): number | null;
}

/**
 * A span opens `delayMs` after the window begins, but no later than in its middle, and ends when the window does. A window
 * that would begin in the hour that is skipped begins as much later; in the hour that comes twice it begins the first time
 * only, unless it begins every hour anyway.
 */
export function spansOf(recurrence: Recurrence, time: ZoneTime, delayMs: number): Spans {
  const { durationMs } = recurrence;
  const delay = Math.floor(Math.min(delayMs, durationMs / 2));
  return {
    endAt(instant) {
      const begin = latestBegin(recurrence, time, instant - delay);
      return begin !== null && instant < begin + durationMs ? begin + durationMs : null;
    },
    opensAfter(instant) {
      const begin = nextBegin(recurrence, time, instant - delay);
      return begin === null ? null : begin + delay;
    },
  };
}

/*
 * Readings of the wall and instants come in the same order, but where clocks are changed. There all beginnings that are
 * nearer than the change are looked at.
 */

function nextBegin(recurrence: Recurrence, time: ZoneTime, after: number): number | null {
  let best: number | null = null;
  let last = Number.POSITIVE_INFINITY;
  let wall = recurrence.next(time.wallOf(after) - time.changeNear(after));
  while (wall !== null && wall <= last) {
    const found = beginsAt(recurrence, time, wall).filter((instant) => instant > after);
    if (found.length > 0) {
      best = Math.min(best ?? Number.POSITIVE_INFINITY, ...found);
      last = Math.min(last, wall + time.changeNear(wall));
    }
    wall = wall < last ? recurrence.next(wall) : null;
  }
  return best;
}

function latestBegin(recurrence: Recurrence, time: ZoneTime, until: number): number | null {
  let best: number | null = null;
  let first = Number.NEGATIVE_INFINITY;
  let wall = recurrence.latest(time.wallOf(until) + time.changeNear(until));
  while (wall !== null && wall >= first) {
    const found = beginsAt(recurrence, time, wall).filter((instant) => instant <= until);
    if (found.length > 0) {
      best = Math.max(best ?? Number.NEGATIVE_INFINITY, ...found);
      first = Math.max(first, wall - time.changeNear(wall));
    }
    wall = wall > first ? recurrence.latest(wall - 1) : null;
  }
  return best;
}

function beginsAt({ hourly }: Recurrence, time: ZoneTime, wall: number): readonly number[] {
  const instants = time.instantsOf(wall);
  return hourly ? instants : [instants[0]];
}
