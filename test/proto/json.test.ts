import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../proto/canonical-json.ts';
import { digestOf, sha256Of } from '../../proto/digest.ts';
import { parseJson } from '../../proto/json.ts';
import { failure } from '../support/failure.ts';

describe('parseJson', () => {
  it('agrees with JSON.parse where no key stands twice', () => {
    fc.assert(
      fc.property(fc.json({ noUnicodeString: false }), (text) => {
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    ['{"a":1,"a":2}', 1, 8],
    ['{"a":{"b":1,\n "b":2}}', 2, 2],
    ['{"a":1,"\\u0061":2}', 1, 8],
    ['[{"x":"y:","x":1}]', 1, 12],
  ])('refuses a key that stands twice: %s', (text, line, column) => {
    const error = failure(() => parseJson(text));
    expect(error.code).toBe('duplicate-key');
    expect(error.position).toEqual({ line, column });
  });

  it('the same key in two objects is fine', () =>
    expect(parseJson('[{"a":1},{"a":2}]')).toEqual([{ a: 1 }, { a: 2 }]));
  it('refuses what is no JSON', () =>
    expect(failure(() => parseJson('{a:1}')).code).toBe('bad-json'));
  it('refuses deep nesting', () => {
    expect(failure(() => parseJson('['.repeat(5_000) + ']'.repeat(5_000))).code).toBe('bad-json');
  });
});

describe('canonicalJson', () => {
  it('follows RFC 8785: sorted by UTF-16 code units, numbers as ECMAScript writes them', () => {
    const value = {
      '\u20ac': 1,
      '\r': 2,
      '\ufb33': 3,
      '1': 4,
      '\u{1f600}': 5,
      '\u0080': 6,
      '\u00f6': 7,
    };
    expect(Object.keys(JSON.parse(canonicalJson(value)))).toHaveLength(7);
    expect([...canonicalJson(value).matchAll(/:(\d)/g)].map(([, digit]) => digit).join('')).toBe(
      '2467153',
    );
    expect(canonicalJson([Number('333333333.33333329'), 1e30, 4.5, 2e-3, 1e-27])).toBe(
      '[333333333.3333333,1e+30,4.5,0.002,1e-27]',
    );
  });

  it('does not depend on the order of keys and leaves undefined members out', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(digestOf(reversed)).toBe(digestOf(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    expect(canonicalJson({ b: undefined, a: 1 })).toBe('{"a":1}');
  });

  it('SHA-256 as published (FIPS 180-2, "abc")', () => {
    expect(sha256Of('abc')).toBe(
      'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});

it('takes a string as long as a body may be set to be, and one of nothing but escapes', () => {
  expect(parseJson(JSON.stringify(['x'.repeat(64 * 1024 * 1024)]))).toHaveLength(1);
  expect(parseJson(`["${'\\n'.repeat(16 * 1024 * 1024)}"]`)).toHaveLength(1);
  expect(parseJson(String.raw`{"a\"":1,"a\\":2,"\\":"}{\"]["}`)).toEqual({
    'a"': 1,
    'a\\': 2,
    '\\': '}{"][',
  });
});

it('an error does not repeat the text, for it may hold a password', () => {
  for (const text of ['{"password":hush}', 'hush', '{"password":"hush" hush}']) {
    const error = failure(() => parseJson(text));
    expect(error.code).toBe('bad-json');
    expect(error.message).not.toContain('hush');
  }
});
