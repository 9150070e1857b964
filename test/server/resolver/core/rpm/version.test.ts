import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareEvr,
  compareForRelation,
  compareSegments,
  parseEvr,
} from '../../../../../server/resolver/core/rpm/version.ts';

describe("rpm's order of versions", () => {
  it.each([
    ['1.0', '1.0', 0],
    ['1.10', '1.9', 1],
    ['1.0~rc1', '1.0', -1],
    ['1.0^git1', '1.0', 1],
    ['1.0^git1', '1.0.1', -1],
    ['1.05', '1.5', 0],
    ['2a', '2.0', -1],
    ['1..0', '1.0', 0],
    ['99999999999999999999', '100000000000000000000', -1],
  ] as const)('%s %s', (a, b, expected) => {
    expect(compareSegments(a, b)).toBe(expected);
    expect(compareSegments(b, a)).toBe(expected === 0 ? 0 : -expected);
  });

  it('is total', () => {
    const version = fc.string({ unit: fc.constantFrom(...'019az.~^-:'), maxLength: 6 });
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        const negated = compareEvr(b, a);
        expect(compareEvr(a, b)).toBe(negated === 0 ? 0 : -negated);
        if (compareEvr(a, b) <= 0 && compareEvr(b, c) <= 0) expect(compareEvr(a, c)).not.toBe(1);
      }),
      { numRuns: 3000 },
    );
  });

  it('reads epoch, version and release', () => {
    expect(parseEvr('2:1.0-3.el9')).toEqual({ epoch: '2', version: '1.0', release: '3.el9' });
    expect(parseEvr('1.0')).toEqual({ epoch: '0', version: '1.0', release: null });
    expect(compareEvr('1:1-1', '2-1')).toBe(1);
    expect(compareEvr('1-2', '1-10')).toBe(-1);
  });

  it('does not count a release that a relation does not name', () => {
    expect(compareForRelation(parseEvr('1.0-5'), parseEvr('1.0'))).toBe(0);
    expect(compareForRelation(parseEvr('1.0-5'), parseEvr('1.0-6'))).toBe(-1);
  });
});
