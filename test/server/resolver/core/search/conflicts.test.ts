import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fewestLeftOut } from '../../../../../server/resolver/core/search/fewest-left-out.ts';
import { smallestHittingSet } from '../../../../../server/resolver/core/search/hitting-set.ts';
import { minimalCore } from '../../../../../server/resolver/core/search/minimal-core.ts';
import { canHold, hard, modelOf } from './brute-force.ts';

const VARIABLES = 6;
const literal = fc
  .tuple(fc.integer({ min: 1, max: VARIABLES }), fc.boolean())
  .map(([variable, isPositive]) => (isPositive ? variable : -variable));
const clauses = fc
  .array(fc.uniqueArray(literal, { minLength: 1, maxLength: 3, selector: Math.abs }), {
    minLength: 8,
    maxLength: 30,
  })
  .map((all) => all.map((literals) => hard(...literals)));

describe('a minimal core', () => {
  it('cannot hold, and can without any one of its clauses', () => {
    fc.assert(
      fc.property(clauses, (all) => {
        fc.pre(!canHold(all, VARIABLES));
        const core = minimalCore(all, 10_000);
        expect(canHold(core, VARIABLES)).toBe(false);
        for (const left of core)
          expect(
            canHold(
              core.filter((clause) => clause !== left),
              VARIABLES,
            ),
          ).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the fewest wants left out', () => {
  it('are none where all can be met', () => {
    const model = modelOf([], [hard(-1, 3)]);
    expect(fewestLeftOut(model, [], [[hard(1)], [hard(2)]], 100)).toEqual({
      wants: [],
      solvable: true,
    });
  });

  it('are the one that stands against many, and of equals the last', () => {
    const model = modelOf([], [hard(-1, -2), hard(-1, -3)]);
    const wants = [[hard(1)], [hard(2)], [hard(3)]];
    expect(fewestLeftOut(model, [], wants, 100)).toEqual({ wants: [0], solvable: true });
    expect(fewestLeftOut(model, [], wants.slice(0, 2), 100)).toEqual({
      wants: [1],
      solvable: true,
    });
  });

  it('cannot help where the rest contradicts itself', () => {
    const model = modelOf([], [hard(-1, -2)]);
    expect(fewestLeftOut(model, [hard(1), hard(2)], [[hard(3)]], 100).solvable).toBe(false);
  });

  it('are found one by one where conflicts are many', () => {
    const pairs = Array.from({ length: 100 }, (_, index) => index * 2 + 1);
    const model = modelOf(
      [],
      pairs.map((first) => hard(-first, -(first + 1))),
    );
    const wants = Array.from({ length: 200 }, (_, index) => [hard(index + 1)]);
    const leftOut = fewestLeftOut(model, [], wants, 1000);
    expect(leftOut).toEqual({ wants: pairs, solvable: true });
  });

  it('are as few as trying all subsets finds', () => {
    fc.assert(
      fc.property(clauses, fc.integer({ min: 0, max: 5 }), (all, count) => {
        const wants = Array.from({ length: count }, (_, index) => [hard(index + 1)]);
        const fits = (kept: number) =>
          canHold(
            [...all, ...wants.flatMap((want, index) => ((kept >> index) & 1 ? want : []))],
            VARIABLES,
          );
        const leftOut = fewestLeftOut(modelOf([]), all, wants, 10_000);
        expect(leftOut.solvable).toBe(fits(0));
        if (!leftOut.solvable) return;
        const sizes = Array.from({ length: 1 << count }, (_, kept) => kept)
          .filter(fits)
          .map(bits);
        expect(count - leftOut.wants.length).toBe(Math.max(...sizes));
      }),
      { numRuns: 500 },
    );
  });
});

const bits = (value: number): number => value.toString(2).replaceAll('0', '').length;

describe('a smallest hitting set', () => {
  it('has one of each list', () => {
    expect(smallestHittingSet([])).toEqual([]);
    expect(smallestHittingSet([[1, 2], [2, 3], [4]])).toEqual([2, 4]);
    expect(smallestHittingSet([[1, 2]])).toEqual([2]);
  });
});
