import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deadlineOf, decideHolding, type Holding } from '../../../agent/gates/core/deadlines.ts';

const holding = (deadlineMs: number | null, rest: Partial<Holding> = {}): Holding => ({
  what: 'The file exists',
  deadlineMs,
  atDeadline: 'apply',
  endsAt: null,
  ...rest,
});
const givesUp = (deadlineMs: number): Holding => holding(deadlineMs, { atDeadline: 'give-up' });

it.each<[string, Holding[], number | null, object]>([
  ['nothing holds it back', [], 0, { kind: 'open' }],
  ['no deadline: nobody knows', [holding(null)], 0, { kind: 'inhibited', until: null }],
  ['before its deadline', [holding(100)], 50, { kind: 'inhibited', until: 150 }],
  ['at its deadline it goes ahead', [holding(50)], 50, { kind: 'open' }],
  ['at its deadline it gives up', [givesUp(50)], 50, { kind: 'gave-up', by: givesUp(50) }],
  ['before it gives up', [givesUp(51)], 50, { kind: 'inhibited', until: 101 }],
  ['the deadline does not count yet', [holding(1)], null, { kind: 'inhibited', until: null }],
  ['the last that ends', [holding(60), holding(90)], 50, { kind: 'inhibited', until: 140 }],
  ['one has no end', [holding(60), holding(null)], 50, { kind: 'inhibited', until: null }],
  ['giving up is an end', [givesUp(60), holding(null)], 50, { kind: 'inhibited', until: 110 }],
  [
    'one that ends by itself',
    [holding(null, { endsAt: 130 })],
    50,
    { kind: 'inhibited', until: 130 },
  ],
  ['the earlier of both', [holding(60, { endsAt: 105 })], 50, { kind: 'inhibited', until: 105 }],
  [
    'one is past, one is not',
    [holding(10), holding(60)],
    50,
    { kind: 'inhibited', by: [holding(60)] },
  ],
  ['giving up goes before', [holding(60), givesUp(10)], 50, { kind: 'gave-up' }],
])('%s', (_, all, ago, verdict) => {
  expect(decideHolding(all, ago === null ? null : 100 - ago, 100)).toMatchObject(verdict);
});

it('what it says comes true: at `until` it is over, before that it is not', () => {
  const span = fc.integer({ min: 1, max: 50 });
  const some = fc.record({
    what: fc.constant('x'),
    deadlineMs: fc.option(span),
    atDeadline: fc.constantFrom('apply' as const, 'give-up' as const),
    endsAt: fc.constant(null),
  });
  fc.assert(
    fc.property(fc.array(some, { maxLength: 5 }), span, (all, now) => {
      const verdict = decideHolding(all, 0, now);
      if (verdict.kind !== 'inhibited') return;
      const end = verdict.until ?? 1000;
      for (let later = now; later < end; later += 1)
        expect(decideHolding(all, 0, later).kind).toBe('inhibited');
      const then = decideHolding(all, 0, end).kind;
      if (verdict.until === null) expect(then).toBe('inhibited');
      else expect(then).not.toBe('inhibited');
    }),
    { seed: 5 },
  );
});

it('a text that is no duration is no deadline', () => {
  expect([deadlineOf('24h'), deadlineOf('0s'), deadlineOf(undefined)]).toEqual([
    86_400_000,
    null,
    null,
  ]);
});
