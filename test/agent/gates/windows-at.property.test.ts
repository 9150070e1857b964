import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shareOf } from '../../../agent/gates/core/share.ts';
import { windowsAt } from '../../../agent/gates/core/windows-at.ts';
import type { Window } from '../../../proto/windows.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Zones with the instant of a change of their clocks; the last has none. */
const changes = [
  ['Europe/Berlin', '2026-03-29T01:00Z'],
  ['Europe/Berlin', '2026-10-25T01:00Z'],
  ['America/New_York', '2026-03-08T07:00Z'],
  ['America/New_York', '2026-11-01T06:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00Z'],
  ['Asia/Kolkata', '2026-03-29T01:00Z'],
] as const;

/** All minutes of some days, with what the wall shows at each. */
interface Diary {
  zone: string;
  middle: number;
  /** `2026-03-29 02:30` → the instants at which the wall shows it. */
  instants: ReadonlyMap<string, number[]>;
  minutes: readonly { instant: number; wall: string }[];
}

const diaries = changes.map(([zone, change]): Diary => {
  const middle = Date.parse(change);
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'short',
  });
  const instants = new Map<string, number[]>();
  const minutes: { instant: number; wall: string }[] = [];
  for (let instant = middle - 10 * DAY; instant < middle + 10 * DAY; instant += MINUTE) {
    const wall = format.format(instant);
    minutes.push({ instant, wall });
    instants.set(wall, [...(instants.get(wall) ?? []), instant]);
  }
  return { zone, middle, instants, minutes };
});

/** When a window begins that is to begin at a reading of the wall, by looking it up. */
function begins({ instants, minutes }: Diary, wall: string, hourly: boolean): number[] {
  const found = instants.get(wall);
  if (found) return hourly ? found : found.slice(0, 1);
  const after = minutes.findIndex((minute) => minute.wall > wall);
  const [before, first] = [minutes[after - 1], minutes[after]];
  if (!before || !first) return [];
  const sinceGap = Date.parse(`${wall}Z`) - Date.parse(`${before.wall}Z`) - MINUTE;
  return [first.instant + sinceGap];
}

/** All readings of the wall in the diary's days at which a window shall begin. */
function readings({ middle }: Diary, window: Window): string[] {
  const days = Array.from({ length: 18 }, (_, n) => middle + (n - 9) * DAY).filter(
    (day) => 'cron' in window || falls(window.days, day),
  );
  const [minute = '', hour = ''] = 'cron' in window ? window.cron.split(' ') : [];
  const times =
    'at' in window
      ? [window.at]
      : Array.from({ length: 24 }, (_, n) => n)
          .filter((n) => hour === '*' || n === Number(hour))
          .map((n) => `${String(n).padStart(2, '0')}:${minute.padStart(2, '0')}`);
  return days.flatMap((day) =>
    times.map((time) => `${new Date(day).toISOString().slice(0, 10)} ${time}`),
  );
}

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

const falls = (days: readonly string[] | undefined, day: number): boolean =>
  days === undefined || days.includes(weekdays[new Date(day).getUTCDay()] ?? '');

const hour = fc.integer({ min: 0, max: 4 });
const minute = fc.constantFrom(0, 15, 30, 59);
const duration = fc.constantFrom(5, 45, 60, 90, 180, 1500);
const two = (n: number): string => String(n).padStart(2, '0');
const window: fc.Arbitrary<Window> = fc.oneof(
  fc.record({ hour, minute, duration }).map((w) => ({
    at: `${two(w.hour)}:${two(w.minute)}`,
    duration: `${w.duration}m`,
  })),
  fc
    .record({
      hour,
      minute,
      duration,
      days: fc.subarray(['sat', 'sun', 'mon'] as const, { minLength: 1 }),
    })
    .map((w) => ({
      days: w.days,
      at: `${two(w.hour)}:${two(w.minute)}`,
      duration: `${w.duration}m`,
    })),
  fc.record({ hour, minute, duration }).map((w) => ({
    cron: `${w.minute} ${w.hour} * * *`,
    duration: `${w.duration}m`,
  })),
  fc.record({ minute, duration: fc.constantFrom(5, 20, 45) }).map((w) => ({
    cron: `${w.minute} * * * *`,
    duration: `${w.duration}m`,
  })),
);

it('says what a diary of every minute says, around changes of the clocks', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...diaries),
      fc.array(window, { minLength: 1, maxLength: 3 }),
      fc.integer({ min: -1800, max: 1800 }),
      fc.constantFrom(undefined, '10m', '3h'),
      (diary, windows, offset, jitter) => {
        const now = diary.middle + offset * MINUTE;
        const delay = jitter ? Number.parseInt(jitter, 10) * (jitter.endsWith('h') ? 60 : 1) : 0;
        const spans = windows.flatMap((one) => {
          const length = Number.parseInt(one.duration, 10) * MINUTE;
          const later = Math.floor(Math.min(delay * MINUTE * shareOf('d'), length / 2));
          const hourly = 'cron' in one && one.cron.split(' ')[1] === '*';
          return readings(diary, one)
            .flatMap((wall) => begins(diary, wall, hourly))
            .map((begin) => ({ from: begin + later, to: begin + length }));
        });
        const verdict = windowsAt(
          [{ apply: windows, ...(jitter && { jitter }) }],
          'apply',
          now,
          diary.zone,
          'd',
        );
        const open = spans.some(({ from, to }) => from <= now && now < to);
        expect(verdict.open).toBe(open);
        if (!verdict.open) {
          const next = Math.min(...spans.map(({ from }) => from).filter((from) => from > now));
          expect(verdict.opensAt).toBe(next);
        } else if (verdict.until !== null) {
          const covered = (at: number): number =>
            Math.max(
              at,
              ...spans.filter(({ from, to }) => from <= at && at < to).map(({ to }) => to),
            );
          let end = now;
          while (covered(end) > end) end = covered(end);
          expect(verdict.until).toBe(end);
        }
      },
    ),
    { numRuns: 200, seed: 20_260_329 },
  );
});
