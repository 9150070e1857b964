import { describe, expect, it } from 'vitest';
import {
  type Plain,
  parseRelation,
  parseRelations,
  rangesMeet,
  relationText,
} from '../../../../../server/resolver/core/rpm/relation.ts';

const plain = (text: string): Plain => {
  const relation = parseRelation(text);
  if (relation.kind !== 'plain') throw new Error(`${text} is rich`);
  return relation;
};

describe('relations of rpm', () => {
  it('are one a line; what rpm itself answers is left out', () => {
    const text =
      'libfoo >= 1:2-3\nrpmlib(CompressedFileNames) <= 3.0.4-1\n/usr/bin/awk\nperl(Getopt::Long)';
    expect(parseRelations(text).map(relationText)).toEqual([
      'libfoo >= 1:2-3',
      '/usr/bin/awk',
      'perl(Getopt::Long)',
    ]);
  });

  it.each([
    '(plug if libx)',
    '(a and b)',
    '((a >= 1 and b) or c(x) = 2-1)',
    '(a if (b or c) else d)',
    '(a unless b else c)',
    '(lib.so.1()(64bit) with lib = 1)',
    '(a without b)',
  ])('keep their text: %s', (text) => {
    expect(relationText(parseRelation(text))).toBe(text);
  });

  it('chain one operator to the left', () => {
    expect(relationText(parseRelation('(a or b or c)'))).toBe('((a or b) or c)');
  });

  it.each(['(a and b or c)', '(a', '(a b)', '()', '(a and)', '(a or b else c)', '(a or b))'])(
    'that are malformed match nothing: %s',
    (text) => {
      expect(parseRelation(text)).toMatchObject({ kind: 'plain', name: text });
    },
  );

  it('do not go deeper than a limit', () => {
    const deep = `${'('.repeat(5000)}a${')'.repeat(5000)}`;
    expect(parseRelation(deep)).toMatchObject({ kind: 'plain', name: deep });
  });
});

describe('ranges', () => {
  it.each([
    ['a = 1-1', 'a = 1', true],
    ['a = 1-1', 'a < 1', false],
    ['a = 2', 'a < 2-2', true],
    ['a < 2', 'a = 2-2', false],
    ['a = 1-1', 'a >= 1-2', false],
    ['a', 'a >= 7', true],
    ['a = 3', 'a', true],
    ['a < 3', 'a > 1', true],
    ['a < 1', 'a > 1', false],
    ['a <= 1', 'a >= 1', true],
    ['a < 2', 'a <= 1', true],
    ['a > 2', 'a = 2', false],
    ['a = 1:1', 'a = 1', false],
  ])('%s meets %s: %s', (provided, wanted, expected) => {
    expect(rangesMeet(plain(provided), plain(wanted))).toBe(expected);
    expect(rangesMeet(plain(wanted), plain(provided))).toBe(expected);
  });
});
