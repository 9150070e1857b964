import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTextIndex } from '../../../../server/resolver/core/text-index.ts';
import { createTextCollector, readTexts } from '../../../../server/resolver/core/text-table.ts';

const texts = fc.uniqueArray(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), {
  maxLength: 200,
});

/** Texts of a table, of which the index has every second one. */
function tableOf(list: readonly string[]) {
  const collector = createTextCollector();
  const ids = Int32Array.from(list, collector.intern);
  return { table: collector.build(), ids, listed: ids.filter((_, place) => place % 2 === 0) };
}

describe('an index of texts', () => {
  it('finds the place of each text that is in its list, and of no other', () => {
    fc.assert(
      fc.property(texts, (list) => {
        const { table, listed } = tableOf(list);
        const placeOf = createTextIndex(table, listed);
        const expected = list.map((_, place) => (place % 2 === 0 ? place / 2 : -1));
        expect(list.map(placeOf)).toEqual(expected);
      }),
    );
  });
});

describe('texts that are read together', () => {
  it('are those that were collected, in order', () => {
    fc.assert(
      fc.property(texts, (list) => {
        const { table, ids } = tableOf(list);
        expect(readTexts(table, ids)).toEqual(list);
      }),
    );
  });
});
