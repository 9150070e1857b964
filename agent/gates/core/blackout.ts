import { sayDay, type ZoneTime } from '../../core/zone-time.ts';

/** Days on which nothing is applied, from midnight to midnight on the wall of a zone. */
export interface Blackout {
  /** The first instant at or after this one that is on no such day; null if that is years away. */
  clearFrom(instant: number): number | null;
  /** The next midnight at which such a day begins; null if there is none. */
  beginsAfter(instant: number): number | null;
}

const DAY_MS = 86_400_000;
/** Longer than this nobody looks ahead. */
const MAX_DAYS = 740;

/** `dates` are days `YYYY-MM-DD` or two of them with `/` between, both included. */
export function blackoutOf(dates: readonly string[], time: ZoneTime): Blackout {
  const ranges = dates.map((text) => {
    const [from = '', to = from] = text.split('/');
    return { from, to };
  });
  const isBlack = (day: string): boolean => ranges.some(({ from, to }) => from <= day && day <= to);
  const midnight = (day: string): number => time.instantsOf(Date.parse(`${day}T00:00:00Z`))[0];
  return {
    clearFrom(instant) {
      const today = sayDay(instant, time);
      if (!isBlack(today)) return instant;
      let day = today;
      for (let n = 0; n < MAX_DAYS; n += 1) {
        day = dayAfter(day);
        if (!isBlack(day)) return midnight(day);
      }
      return null;
    },
    beginsAfter(instant) {
      const today = sayDay(instant, time);
      const coming = ranges.map(({ from }) => from).filter((day) => day > today && isDay(day));
      return coming.length === 0 ? null : Math.min(...coming.map(midnight));
    },
  };
}

const isDay = (text: string): boolean => !Number.isNaN(Date.parse(`${text}T00:00:00Z`));

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);
}
