import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatLabels,
  isSubset,
  labelsKey,
  overlay,
  parseLabels,
  reduceLabels,
} from '../../proto/labels.ts';
import { failure } from '../support/failure.ts';

describe('parseLabels', () => {
  it('reads key=value pairs and keeps the text of values', () => {
    expect(parseLabels('version=1.10,arch=armv7l')).toEqual({ version: '1.10', arch: 'armv7l' });
    expect(parseLabels('')).toEqual({});
    expect(parseLabels('site=')).toEqual({ site: '' });
  });

  it.each([
    ['novalue', 'bad-labels', 1],
    ['a=b,', 'bad-labels', 5],
    ['a=b=c', 'bad-labels', 1],
    ['a=1,a=2', 'bad-labels', 5],
    ['=x', 'bad-labels', 1],
    ['a=1, b=2', 'bad-labels', 5],
    ['a=\u0007', 'bad-labels', 1],
    ['a=\u0085', 'bad-labels', 1],
    ['__proto__=x', 'bad-labels', 1],
  ])('refuses %j with a column', (text, code, column) => {
    const error = failure(() => parseLabels(text));
    expect(error.code).toBe(code);
    expect(error.position).toEqual({ line: 1, column });
  });

  it('refuses a value of more than 256 bytes, counted in UTF-8', () => {
    expect(parseLabels(`a=${'x'.repeat(256)}`).a).toHaveLength(256);
    expect(failure(() => parseLabels(`a=${'x'.repeat(257)}`)).code).toBe('bad-labels');
    expect(failure(() => parseLabels(`a=${'ü'.repeat(129)}`)).code).toBe('bad-labels');
  });

  it('refuses a value of 64 MiB quickly and without repeating it', () => {
    const error = failure(() => parseLabels(`a=${'x'.repeat(64 * 1024 * 1024)}`));
    expect(error.message.length).toBeLessThan(300);
  });

  it('is the inverse of formatLabels', () => {
    const text = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,20}$/);
    const value = fc.stringMatching(/^[ -+./-<>-~]{0,20}$/);
    fc.assert(
      fc.property(fc.dictionary(text, value), (labels) => {
        expect(parseLabels(formatLabels(labels))).toEqual(labels);
      }),
    );
  });
});

describe('the label algebra', () => {
  it('a later set wins', () =>
    expect(overlay({ a: '1', b: '1' }, { b: '2' })).toEqual({ a: '1', b: '2' }));
  it('subset compares key and value', () => {
    expect(isSubset({ a: '1' }, { a: '1', b: '2' })).toBe(true);
    expect(isSubset({ a: '1' }, { a: '2' })).toBe(false);
    expect(isSubset({ constructor: 'x' }, {})).toBe(false);
  });
  it('the key of a set does not depend on order and cannot be forged by a value', () => {
    expect(labelsKey({ a: '1', b: '2' })).toBe(labelsKey({ b: '2', a: '1' }));
    expect(labelsKey({ a: '1,b=2' })).not.toBe(labelsKey({ a: '1', b: '2' }));
  });
  it('reduces to some keys', () => {
    expect(reduceLabels({ a: '1', b: '2' }, new Set(['b', 'c']))).toEqual({ b: '2' });
  });
});
