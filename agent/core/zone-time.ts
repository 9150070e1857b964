/**
 * Time on the wall of a zone. A reading of the wall is a number: the ms since 1970 that a clock of UTC with that reading
 * would show. Where clocks are put back a reading comes twice, where they are put forward some never come.
 */
export interface ZoneTime {
  /** The name in the IANA database. */
  readonly zone: string;
  /** What the wall shows at an instant. */
  wallOf(instant: number): number;
  /**
   * The instants at which the wall shows a reading, the earlier first: one; two where clocks are put back; for a reading
   * that is skipped the one instant that is as long after the change as the reading is after the gap's beginning.
   */
  instantsOf(wall: number): readonly [number, ...number[]];
  /** By how much clocks are put forward or back near an instant, within a day and two hours; 0 almost always. */
  changeNear(instant: number): number;
}

/** No clock is put further than a day; the rest is for the offset itself. */
const NEAR_MS = 26 * 3_600_000;

/** Null if nobody knows a zone of this name. */
export function zoneTimeOf(zone: string): ZoneTime | null {
  const format = formatOf(zone);
  if (!format) return null;
  const wallOf = (instant: number): number => {
    const ms = ((instant % 1000) + 1000) % 1000;
    const parts: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(instant - ms)) parts[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) + ms;
  };
  const offsetAt = (instant: number): number => wallOf(instant) - instant;

  return {
    zone,
    wallOf,
    instantsOf(wall) {
      const before = wall - offsetAt(wall - NEAR_MS);
      const after = wall - offsetAt(wall + NEAR_MS);
      if (before === after) return [before];
      const fitting = [before, after].filter((instant) => wallOf(instant) === wall);
      const [first, second] = fitting.sort((a, b) => a - b);
      if (first === undefined) return [before];
      return second === undefined ? [first] : [first, second];
    },
    changeNear: (instant) => Math.abs(offsetAt(instant + NEAR_MS) - offsetAt(instant - NEAR_MS)),
  };
}

/** The time of UTC, which every machine knows. */
export const utcTime: ZoneTime = {
  zone: 'UTC',
  wallOf: (instant) => instant,
  instantsOf: (wall) => [wall],
  changeNear: () => 0,
};

function formatOf(timeZone: string): Intl.DateTimeFormat | null {
  const two = '2-digit' as const;
  try {
    return new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
      timeZone,
      hourCycle: 'h23',
      ...{ year: 'numeric', month: two, day: two, hour: two, minute: two, second: two },
    });
  } catch {
    return null;
  }
}

/** An instant as people read it: `2026-03-29 02:30 (Europe/Berlin)`. */
export function sayTime(instant: number, time: ZoneTime): string {
  return `${sayDay(instant, time)} ${new Date(time.wallOf(instant)).toISOString().slice(11, 16)} (${time.zone})`;
}

/** The day on the wall: `2026-03-29`. */
export function sayDay(instant: number, time: ZoneTime): string {
  return new Date(time.wallOf(instant)).toISOString().slice(0, 10);
}
