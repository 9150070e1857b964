import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layOut } from '../../../ctl/print/layout.ts';
import { lines, table } from '../../../ctl/print/view.ts';
import { truncate, widthOf, wrap } from '../../../ctl/print/width.ts';

const page = { width: 80, colour: false, wide: false };
const cell = fc.oneof(fc.string({ maxLength: 60 }), fc.string({ unit: 'grapheme', maxLength: 40 }));

describe('tables', () => {
  it('fit any width in which their narrowest columns have room', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(cell, { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 40, max: 200 }),
        (rows, width) => {
          const view = table(
            [{ title: 'A' }, { title: 'B', align: 'right' }, { title: 'C' }, { title: 'D' }],
            rows,
            '',
          );
          for (const row of layOut(view, { ...page, width }))
            expect(widthOf(row)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });

  it('cut the widest column only, and say so by …', () => {
    const view = table([{ title: 'ID' }, { title: 'TEXT' }], [['short', 'x'.repeat(100)]], '');
    const [head, row] = layOut(view, { ...page, width: 40 });
    expect([head, row]).toEqual(['ID     TEXT', `short  ${'x'.repeat(32)}…`]);
  });

  it('keep whole what is to be copied', () => {
    const id = 'i'.repeat(50);
    const view = table(
      [{ title: 'ID', keep: true }, { title: 'TEXT' }],
      [[id, 'y'.repeat(50)]],
      '',
    );
    expect(layOut(view, { ...page, width: 60 })[1]).toBe(`${id}  ${'y'.repeat(7)}…`);
  });

  it('cut what is to be copied only when nothing else can be', () => {
    const view = table(
      [{ title: 'ID', keep: true }, { title: 'TEXT' }],
      [['i'.repeat(50), 'text']],
      '',
    );
    expect(layOut(view, { ...page, width: 40 })[1]).toBe(`${'i'.repeat(33)}…  text`);
  });

  it('are whole where there is no terminal', () => {
    const view = table([{ title: 'TEXT' }], [['z'.repeat(500)]], '');
    expect(layOut(view, { ...page, width: Number.POSITIVE_INFINITY })[1]).toBe('z'.repeat(500));
  });

  it('count wide and combining characters as a terminal does', () => {
    expect([widthOf('abc'), widthOf('東京'), widthOf('e\u0301'), widthOf('…')]).toEqual([
      3, 4, 1, 1,
    ]);
    expect(
      layOut(
        table(
          [{ title: 'A' }, { title: 'B' }],
          [
            ['東京', 'x'],
            ['ab', 'y'],
          ],
          '',
        ),
        page,
      ),
    ).toEqual(['A     B', '東京  x', 'ab    y']);
  });

  it('stay on their lines', () => {
    expect(layOut(table([{ title: 'A' }], [['one\n  two\tthree']], ''), page)).toEqual([
      'A',
      'one two three',
    ]);
  });

  it('without rows print nothing', () => {
    expect(layOut(table([{ title: 'A' }], [], 'There are none.'), page)).toEqual([]);
  });
});

describe('cutting and breaking', () => {
  it('never exceeds the width', () => {
    fc.assert(
      fc.property(cell, fc.integer({ min: 1, max: 50 }), (text, width) => {
        expect(widthOf(truncate(text, width))).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('loses no word', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }),
        fc.integer({ min: 12, max: 60 }),
        (words, width) => {
          const broken = wrap(words.join(' '), width);
          expect(broken.join(' ').split(' ')).toEqual(words);
          for (const line of broken) expect(widthOf(line)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });

  it('indents what follows by two more', () => {
    const view = { ...lines(`  ! ${'word '.repeat(6).trim()}`), wrap: true };
    expect(layOut(view, { ...page, width: 20 })).toEqual([
      '  ! word word word',
      '    word word word',
    ]);
  });
});
