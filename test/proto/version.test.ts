import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparePacketVersions, compareVersions, preReleaseAware } from '../../proto/version.ts';
import { inRange, parseRange } from '../../proto/version-range.ts';
import { failure } from '../support/failure.ts';

const version = fc.stringMatching(/^(\d:)?[0-9a-z.~+-]{0,8}$/);

describe('compareVersions', () => {
  it('is a total order', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(compareVersions(a, b) + compareVersions(b, a)).toBe(0);
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) {
          expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it('compares numbers of any length by value', () => {
    expect(compareVersions('1'.repeat(40), `${'1'.repeat(39)}2`)).toBe(-1);
  });
});

describe('pre-releases of packets', () => {
  it.each([
    ['1.0.0-rc.2', '1.0.0'],
    ['1.0.0-RC1', '1.0.0'],
    ['2.0-beta', '2.0'],
    ['2.0-dev-3', '2.0'],
    ['1.0.0', '1.0.0-1'],
    ['1.0.0', '1.0.0-rca'],
    ['1.0-alpha1', '1.0-beta1'],
  ])('%s is older than %s', (older, newer) => {
    expect(comparePacketVersions(older, newer)).toBe(-1);
  });

  it('only alpha, beta, dev, pre and rc make one', () => {
    expect(preReleaseAware('1.0-1')).toBe('1.0-1');
    expect(preReleaseAware('1.0-prefix')).toBe('1.0-prefix');
    expect(preReleaseAware('1.0-pre')).toBe('1.0~pre');
  });
});

describe('ranges', () => {
  it.each([
    ['>=1.2 <2', '1.2', true],
    ['>=1.2 <2', '2', false],
    ['>=1.2 <2', '2.0.0-rc.1', false],
    ['<2', '2~beta', false],
    ['<2.0', '2-rc1', false],
    ['<=2', '2-rc1', true],
    ['<2-rc2', '2-rc1', true],
    ['>1', '1', false],
    ['=1.0', '1.0', true],
    ['1.0', '1.0', true],
    ['1.*', '1.9-rc1', true],
    ['1.*', '10.0', false],
    ['*', 'anything', true],
    ['*', undefined, false],
  ])('%s and %s: %s', (range, one, expected) =>
    expect(inRange(parseRange(range), one)).toBe(expected),
  );

  it.each([
    ['', 1],
    ['>=', 1],
    ['>=1,<2', 1],
    ['>=1 ^2 <', 8],
    ['1.*.2', 1],
    ['>=1.*', 1],
  ])('refuses %j with a column', (text, column) => {
    const error = failure(() => parseRange(text));
    expect(error.code).toBe('bad-version-range');
    expect(error.position?.column).toBe(column);
  });
});
