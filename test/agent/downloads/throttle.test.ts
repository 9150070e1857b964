import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createThrottle } from '../../../agent/downloads/throttle.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

/** A throttle, and what it has let through so far. */
function started(rate: () => number | null) {
  const clock = createFakeClock();
  const throttle = createThrottle({ clock, rate });
  const passed: number[] = [];
  const take = (bytes: number, signal?: AbortSignal): Promise<void> =>
    throttle.take(bytes, signal).then(() => void passed.push(bytes));
  return { clock, take, passed, total: () => passed.reduce((sum, bytes) => sum + bytes, 0) };
}

it('lets everything through where there is no rate', async () => {
  const { take, total, clock } = started(() => null);
  for (let n = 0; n < 100; n += 1) await take(1_000_000);
  expect([total(), clock.pending()]).toEqual([100_000_000, 0]);
});

it('keeps the rate over time, in the order of the calls, for pieces larger than a second holds', async () => {
  const { clock, take, passed } = started(() => 1000);
  const all = [5000, 100, 3000, 1].map((bytes) => take(bytes));
  await clock.advance(10);
  expect(passed).toEqual([5000]);
  await clock.advance(4980);
  expect(passed).toEqual([5000]);
  await clock.advance(20);
  expect(passed).toEqual([5000, 100]);
  await clock.advance(3200);
  expect(passed).toEqual([5000, 100, 3000, 1].slice(0, passed.length));
  await clock.advance(10_000);
  await Promise.all(all);
  expect(passed).toEqual([5000, 100, 3000, 1]);
});

it('a new rate counts for those who wait', async () => {
  let rate: number | null = 1;
  const { clock, take, passed } = started(() => rate);
  await clock.advance(1000);
  await take(1_000_000);
  const waiting = take(5);
  await clock.advance(60_000);
  expect(passed).toEqual([1_000_000]);
  rate = null;
  await clock.advance(5000);
  await waiting;
});

it('one who gives up leaves at once and costs nothing', async () => {
  const { clock, take, passed } = started(() => 10);
  const stop = new AbortController();
  const first = take(100);
  const second = take(1_000_000, stop.signal);
  const third = take(7);
  await clock.advance(1000);
  await first;
  stop.abort(new Error('enough'));
  await expect(second).rejects.toThrow('enough');
  await clock.advance(11_000);
  await third;
  expect(passed).toEqual([100, 7]);
  await expect(take(1, stop.signal)).rejects.toThrow('enough');
  await clock.advance(1000);
  expect(clock.pending()).toBe(0);
});

it('never lets through more than the rate, a second of burst and one piece', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 100_000 }),
      fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 10 }),
      async (rate, pieces, steps) => {
        const { clock, take, total } = started(() => rate);
        const largest = Math.max(...pieces);
        const all = pieces.map((bytes) => take(bytes));
        for (const step of steps) {
          await clock.advance(step);
          const allowed = (rate * clock.monotonic()) / 1000 + rate + largest;
          expect(total()).toBeLessThanOrEqual(allowed);
        }
        const sum = pieces.reduce((a, b) => a + b, 0);
        await clock.advance((sum / rate) * 1000 + 60_000);
        await Promise.all(all);
      },
    ),
    { numRuns: 40, seed: 3 },
  );
});
