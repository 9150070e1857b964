import { describe, expect, it } from 'vitest';
import { shareOf } from '../../../agent/gates/core/share.ts';
import { unknownZones, windowsAt } from '../../../agent/gates/core/windows-at.ts';
import type { Window, Windows } from '../../../proto/windows.ts';

const at = (text: string): number => Date.parse(text);
const iso = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString().replace(':00.000Z', 'Z');
const night: Window = { at: '02:00', duration: '3h' };

/** `open until …` or `window: …`, in UTC. */
function ask(
  windows: readonly Windows[],
  now: string,
  act: 'download' | 'apply' = 'apply',
  device = 'd',
): string {
  const verdict = windowsAt(windows, act, at(now), 'Europe/Berlin', device);
  return verdict.open
    ? `open until ${iso(verdict.until)}`
    : `${verdict.reason}, opens ${iso(verdict.opensAt)}`;
}

const berlin = (...apply: Window[]): Windows[] => [{ timezone: 'Europe/Berlin', apply }];
const newYork = (...apply: Window[]): Windows[] => [{ timezone: 'America/New_York', apply }];
const cron = (expression: string, duration = '3h'): Window => ({ cron: expression, duration });

describe('one window', () => {
  it.each<[string, Windows[], string, string]>([
    ['in it', berlin(night), '2026-07-01T00:00-02:00', 'open until 2026-07-01T03:00Z'],
    ['a minute before', berlin(night), '2026-06-30T23:59Z', 'window, opens 2026-07-01T00:00Z'],
    ['its first instant', berlin(night), '2026-07-01T00:00Z', 'open until 2026-07-01T03:00Z'],
    ['its end is out', berlin(night), '2026-07-01T03:00Z', 'window, opens 2026-07-02T00:00Z'],
    ['as cron', berlin(cron('0 2 * * *')), '2026-07-01T01:00Z', 'open until 2026-07-01T03:00Z'],
    [
      'over midnight',
      berlin({ days: ['fri'], at: '22:00', duration: '8h' }),
      '2026-07-04T02:00Z',
      'open until 2026-07-04T04:00Z',
    ],
    [
      'only on its days',
      berlin({ days: ['fri', 'sat'], at: '22:00', duration: '1h' }),
      '2026-07-01T20:30Z',
      'window, opens 2026-07-03T20:00Z',
    ],
    [
      'longer than a day',
      berlin({ days: ['sat'], at: '00:00', duration: '48h' }),
      '2026-07-05T12:00Z',
      'open until 2026-07-05T22:00Z',
    ],
    [
      'February 30 never comes',
      berlin(cron('0 0 30 2 *')),
      '2026-07-01T00:00Z',
      'window, opens null',
    ],
    [
      'a leap day may be too far',
      berlin(cron('0 0 29 2 *')),
      '2025-07-01T00:00Z',
      'window, opens null',
    ],
    [
      'a leap day comes',
      berlin(cron('0 0 29 2 *')),
      '2027-07-01T00:00Z',
      'window, opens 2028-02-28T23:00Z',
    ],
    ['nonsense', berlin(cron('99 x * * *')), '2026-07-01T00:00Z', 'window, opens null'],
    ['no limit', [{}], '2026-07-01T00:00Z', 'open until null'],
    ['nothing at all', [], '2026-07-01T00:00Z', 'open until null'],
    ['always', [{ apply: 'always' }], '2026-07-01T00:00Z', 'open until null'],
    [
      'always open for want of an end',
      berlin(cron('0 * * * *', '1h')),
      '2026-07-01T00:00Z',
      'open until null',
    ],
    [
      'its zone is unknown: UTC',
      [{ timezone: 'Mars/Olympus', apply: [night] }],
      '2026-07-01T02:00Z',
      'open until 2026-07-01T05:00Z',
    ],
  ])('%s', (_, windows, now, answer) => {
    expect(ask(windows, now)).toBe(answer);
  });

  it("counts in the device's zone if it names none", () => {
    expect(ask([{ apply: [night] }], '2026-07-01T00:00Z')).toBe('open until 2026-07-01T03:00Z');
    expect(unknownZones([{ timezone: 'Mars/Olympus' }, { timezone: 'UTC' }, {}])).toEqual([
      'Mars/Olympus',
    ]);
  });
});

describe('where clocks are changed', () => {
  it.each<[string, Windows[], string, string]>([
    [
      'Berlin, 02:30 is skipped: 03:30',
      berlin({ at: '02:30', duration: '1h' }),
      '2026-03-29T00:59Z',
      'window, opens 2026-03-29T01:30Z',
    ],
    [
      'Berlin, a night over the gap is as long as any',
      berlin(night),
      '2026-03-29T01:00Z',
      'open until 2026-03-29T04:00Z',
    ],
    [
      'Berlin, over the gap from the evening before',
      berlin({ at: '23:00', duration: '6h' }),
      '2026-03-29T00:00Z',
      'open until 2026-03-29T04:00Z',
    ],
    [
      'Berlin, 02:30 comes twice: the first',
      berlin({ at: '02:30', duration: '30m' }),
      '2026-10-25T00:30Z',
      'open until 2026-10-25T01:00Z',
    ],
    [
      'Berlin, 02:30 comes twice: not the second',
      berlin({ at: '02:30', duration: '30m' }),
      '2026-10-25T01:30Z',
      'window, opens 2026-10-26T01:30Z',
    ],
    [
      'Berlin, still open when the wall shows a time before its beginning',
      berlin({ at: '02:30', duration: '1h' }),
      '2026-10-25T01:10Z',
      'open until 2026-10-25T01:30Z',
    ],
    [
      'Berlin, every hour also in the one that comes twice',
      berlin(cron('30 * * * *', '10m')),
      '2026-10-25T01:31Z',
      'open until 2026-10-25T01:40Z',
    ],
    [
      'Berlin, the second of an hourly one is next after the first',
      berlin(cron('30 * * * *', '10m')),
      '2026-10-25T00:45Z',
      'window, opens 2026-10-25T01:30Z',
    ],
    [
      'Berlin, the hour after the gap',
      berlin(cron('15 * * * *', '10m')),
      '2026-03-29T00:30Z',
      'window, opens 2026-03-29T01:15Z',
    ],
    [
      'New York, 02:30 is skipped: 03:30',
      newYork({ at: '02:30', duration: '1h' }),
      '2026-03-08T06:00Z',
      'window, opens 2026-03-08T07:30Z',
    ],
    [
      'New York, 01:30 comes twice: the first',
      newYork({ at: '01:30', duration: '20m' }),
      '2026-11-01T05:00Z',
      'window, opens 2026-11-01T05:30Z',
    ],
    [
      'New York, on the day after it is an hour later in UTC',
      newYork({ at: '01:30', duration: '20m' }),
      '2026-11-01T06:30Z',
      'window, opens 2026-11-02T06:30Z',
    ],
    [
      'Kolkata knows no such change',
      [{ timezone: 'Asia/Kolkata', apply: [night] }],
      '2026-03-28T20:30Z',
      'open until 2026-03-28T23:30Z',
    ],
  ])('%s', (_, windows, now, answer) => {
    expect(ask(windows, now)).toBe(answer);
  });
});

describe('several', () => {
  it('windows of one list overlap and join', () => {
    const windows = berlin(night, { at: '04:00', duration: '4h' }, { at: '10:00', duration: '1h' });
    expect(ask(windows, '2026-07-01T00:30Z')).toBe('open until 2026-07-01T06:00Z');
    expect(ask(windows, '2026-07-01T06:00Z')).toBe('window, opens 2026-07-01T08:00Z');
  });

  it('lists must all be open', () => {
    const both = [...berlin(night), ...berlin({ days: ['sun'], at: '04:00', duration: '4h' })];
    expect(ask(both, '2026-07-01T00:30Z')).toBe('window, opens 2026-07-05T02:00Z');
    expect(ask(both, '2026-07-05T02:30Z')).toBe('open until 2026-07-05T03:00Z');
    const never = [...berlin(night), ...berlin({ at: '12:00', duration: '1h' })];
    expect(ask(never, '2026-07-01T00:30Z')).toBe('window, opens null');
  });

  it('downloads have windows of their own', () => {
    const windows: Windows[] = [{ download: [{ at: '12:00', duration: '1h' }], apply: [night] }];
    expect(ask(windows, '2026-07-01T00:30Z', 'download')).toBe('window, opens 2026-07-01T10:00Z');
    expect(ask(windows, '2026-07-01T00:30Z', 'apply')).toBe('open until 2026-07-01T03:00Z');
  });
});

describe('black-out dates', () => {
  const holidays = (apply: 'always' | Window[] = 'always'): Windows[] => [
    {
      timezone: 'Europe/Berlin',
      apply,
      blackout: ['2026-12-24/2026-12-26', '2026-12-27', '2027-01-01'],
    },
  ];
  it.each([
    ['2026-12-23T22:59Z', 'open until 2026-12-23T23:00Z'],
    ['2026-12-23T23:00Z', 'blackout, opens 2026-12-27T23:00Z'],
    ['2026-12-27T22:59Z', 'blackout, opens 2026-12-27T23:00Z'],
    ['2026-12-27T23:00Z', 'open until 2026-12-31T23:00Z'],
    ['2027-01-02T00:00Z', 'open until null'],
  ])('at %s: %s', (now, answer) => {
    expect(ask(holidays(), now)).toBe(answer);
  });

  it('hold nothing back from downloading', () => {
    expect(ask(holidays(), '2026-12-24T12:00Z', 'download')).toBe('open until null');
  });

  it('shut a window that is open else, and cut one that begins before', () => {
    const late = holidays([{ at: '22:00', duration: '6h' }]);
    expect(ask(late, '2026-12-23T21:30Z')).toBe('open until 2026-12-23T23:00Z');
    expect(ask(late, '2026-12-23T23:30Z')).toBe('blackout, opens 2026-12-27T23:00Z');
    expect(ask(late, '2026-12-24T12:00Z')).toBe('window, opens 2026-12-27T23:00Z');
  });

  it('are whole days also where midnight is skipped', () => {
    const cairo: Windows[] = [{ timezone: 'Africa/Cairo', blackout: ['2026-04-24'] }];
    expect(ask(cairo, '2026-04-23T21:59Z')).toBe('open until 2026-04-23T22:00Z');
    expect(ask(cairo, '2026-04-24T20:59Z')).toBe('blackout, opens 2026-04-24T21:00Z');
  });

  it('that last for years have no end', () => {
    const long: Windows[] = [{ blackout: ['2026-01-01/9999-12-31'] }];
    expect(ask(long, '2026-07-01T00:00Z')).toBe('blackout, opens null');
  });
});

describe('jitter', () => {
  const windows = (jitter: string): Windows[] => [{ timezone: 'UTC', apply: [night], jitter }];
  const opens = (jitter: string, device: string): number => {
    const verdict = windowsAt(windows(jitter), 'apply', at('2026-07-01T00:00Z'), 'UTC', device);
    return verdict.open ? Number.NaN : (verdict.opensAt ?? Number.NaN);
  };

  it('opens later by a constant share, and ends as ever', () => {
    const opening = opens('1h', 'buoy-17');
    expect(opening).toBe(at('2026-07-01T02:00Z') + Math.floor(shareOf('buoy-17') * 3_600_000));
    expect(windowsAt(windows('1h'), 'apply', opening - 1, 'UTC', 'buoy-17').open).toBe(false);
    expect(windowsAt(windows('1h'), 'apply', opening, 'UTC', 'buoy-17')).toEqual({
      open: true,
      until: at('2026-07-01T05:00Z'),
    });
  });

  it('leaves every device half of its window', () => {
    for (let n = 0; n < 50; n += 1)
      expect(opens('30d', `device-${n}`)).toBeLessThanOrEqual(at('2026-07-01T03:30Z'));
  });

  it('spreads devices evenly', () => {
    const shares = Array.from({ length: 1000 }, (_, n) => shareOf(`device-${n}`));
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const inside = shares.filter((share) => Math.floor(share * 10) === tenth);
      expect(inside.length).toBeGreaterThan(60);
      expect(inside.length).toBeLessThan(140);
    }
  });
});
