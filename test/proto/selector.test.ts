import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSelector, matches, parseSelector, type Selector } from '../../proto/selector.ts';
import { failure } from '../support/failure.ts';

describe('matches', () => {
  it.each<[Selector, Record<string, string>, boolean]>([
    [{}, {}, true],
    [{ fleet: 'alpha' }, { fleet: 'alpha' }, true],
    [{ fleet: 'alpha' }, { fleet: 'Alpha' }, false],
    [{ arch: ['armv6l', 'armv7l'] }, { arch: 'armv7l' }, true],
    [{ arch: ['armv6l', 'armv7l'] }, {}, false],
    [{ region: { not: 'eu' } }, {}, true],
    [{ region: { not: ['eu', 'us'] } }, { region: 'us' }, false],
    [{ retired: { exists: false } }, {}, true],
    [{ retired: { exists: true } }, { retired: '' }, true],
    [{ constructor: { exists: true } }, {}, false],
  ])('%j on %j is %s', (selector, labels, expected) =>
    expect(matches(selector, labels)).toBe(expected),
  );
});

describe('parseSelector', () => {
  it('reads the text form', () => {
    expect(parseSelector('fleet=alpha|beta,region!=eu,board,!retired')).toEqual({
      fleet: ['alpha', 'beta'],
      region: { not: 'eu' },
      board: { exists: true },
      retired: { exists: false },
    });
  });

  it.each([
    ['a=1,a=2', 5],
    ['a=1,', 5],
    ['!a=1', 1],
    ['a==1', 1],
    ['a!b', 1],
    ['=x', 1],
  ])('refuses %j with a column', (text, column) => {
    const error = failure(() => parseSelector(text));
    expect(error.code).toBe('bad-selector');
    expect(error.position?.column).toBe(column);
  });

  it('is the inverse of formatSelector', () => {
    const value = fc.stringMatching(/^[a-z0-9.]{1,5}$/);
    const values = fc.uniqueArray(value, { minLength: 2, maxLength: 3 });
    const condition = fc.oneof(
      value,
      values,
      fc.record({ not: fc.oneof(value, values) }),
      fc.record({ exists: fc.boolean() }),
    );
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[a-z][a-z/-]{0,5}$/), condition),
        (selector) => {
          expect(parseSelector(formatSelector(selector))).toEqual(selector);
        },
      ),
    );
  });
});
