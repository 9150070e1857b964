import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rateAt } from '../../../agent/core/rate-at.ts';
import type { RateSpan } from '../../../proto/device-policy.ts';

const at = (text: string): number => Date.parse(text);
const day: RateSpan = { from: '08:00', to: '18:00', rate: '200kB/s' };
const night: RateSpan = { from: '22:00', to: '06:00', rate: '5MB/s' };

it('one rate counts always, none not at all', () => {
  expect(rateAt('500kB/s', 0, 'UTC')).toEqual({ bytesPerSecond: 500_000, until: null });
  expect(rateAt('7B/s', 0, 'UTC').bytesPerSecond).toBe(7);
  expect(rateAt(undefined, 0, 'UTC')).toEqual({ bytesPerSecond: null, until: null });
});

it.each([
  ['2026-07-01T08:00Z', 200_000, '2026-07-01T18:00Z'],
  ['2026-07-01T17:59Z', 200_000, '2026-07-01T18:00Z'],
  ['2026-07-01T18:00Z', null, '2026-07-01T22:00Z'],
  ['2026-07-01T23:00Z', 5_000_000, '2026-07-02T06:00Z'],
  ['2026-07-02T05:00Z', 5_000_000, '2026-07-02T06:00Z'],
  ['2026-07-02T06:30Z', null, '2026-07-02T08:00Z'],
])('at %s it is %s until %s', (now, bytesPerSecond, until) => {
  expect(rateAt([day, night], at(now), 'UTC')).toEqual({ bytesPerSecond, until: at(until) });
});

it("the time is that of the device's zone; an unknown one is UTC", () => {
  const now = at('2026-07-01T06:30Z');
  expect(rateAt([day], now, 'Europe/Berlin').bytesPerSecond).toBe(200_000);
  expect(rateAt([day], now, 'Asia/Kolkata').until).toBe(at('2026-07-01T12:30Z'));
  expect(rateAt([day], now, 'Mars/Olympus').bytesPerSecond).toBeNull();
});

it('the lowest counts where spans overlap', () => {
  const all: RateSpan = { from: '00:00', to: '23:59', rate: '1kB/s' };
  expect(rateAt([day, all], at('2026-07-01T09:00Z'), 'UTC').bytesPerSecond).toBe(1000);
});

it('stays as it is until it says, minute for minute, also where clocks are changed', () => {
  const time = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom('00', '15', '30'))
    .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${minute}`);
  const spans = fc.array(
    fc.record({ from: time, to: time, rate: fc.constantFrom('1kB/s', '2kB/s') }),
    { minLength: 1, maxLength: 3 },
  );
  fc.assert(
    fc.property(
      spans,
      fc.constantFrom(
        ['Europe/Berlin', '2026-03-29T00:00Z'],
        ['Europe/Berlin', '2026-10-25T00:00Z'],
        ['America/New_York', '2026-11-01T05:00Z'],
        ['Asia/Kolkata', '2026-03-29T00:00Z'],
      ),
      fc.integer({ min: -300, max: 300 }),
      (rate, [zone = '', around = ''], offset) => {
        const now = at(around) + offset * 60_000;
        const { bytesPerSecond, until } = rateAt(rate, now, zone);
        expect(until).toBeGreaterThan(now);
        const end = Math.min(until ?? 0, now + 180 * 60_000);
        for (let later = now; later < end; later += 60_000)
          expect(rateAt(rate, later, zone).bytesPerSecond).toBe(bytesPerSecond);
      },
    ),
    { numRuns: 60, seed: 8 },
  );
});
