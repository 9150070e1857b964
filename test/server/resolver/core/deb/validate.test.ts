import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findFaults } from '../../../../../server/resolver/core/deb/validate.ts';
import { createFactBook } from '../../../../../server/resolver/core/deb/validate-facts.ts';
import { createRules } from '../../../../../server/resolver/core/deb/validate-rules.ts';
import { createSoundCheck } from '../../../../../server/resolver/core/deb/validate-tables.ts';
import { debSource, debView } from '../../../../support/deb-view.ts';
import { randomIndex } from './random-index.ts';

describe("the validator's tables", () => {
  it('find a set of packages sound exactly if no fault can be named', () => {
    let sound = 0;
    const picks = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 4, maxLength: 8 });
    const archs = fc.constantFrom(['amd64'], ['amd64', 'i386']);
    fc.assert(
      fc.property(randomIndex, archs, picks, (packages, ofView, sets) => {
        const view = debView([debSource(packages)], ofView);
        const reading = { book: createFactBook(view), rules: createRules(view.archs) };
        const check = createSoundCheck(view, reading.book, reading.rules);
        const all = view.all();
        for (const set of sets) {
          const ids = [...new Set(set.map((pick) => all[pick % all.length] ?? 1))];
          const isSound = check.isSound(ids);
          expect(isSound).toBe(findFaults(reading, ids).length === 0);
          if (isSound && ids.length > 0) sound += 1;
        }
      }),
      { numRuns: 400 },
    );
    expect(sound).toBeGreaterThan(100);
  });

  it('leave packages that the view does not count to the search for faults', () => {
    const view = debView([debSource('a\nDepends: b\n\nb 1 i386')], ['amd64']);
    const reading = { book: createFactBook(view), rules: createRules(view.archs) };
    const hidden = view.hidden('b').map(({ id }) => id);
    expect(createSoundCheck(view, reading.book, reading.rules).isSound(hidden)).toBe(false);
    expect(findFaults(reading, hidden)).toEqual([]);
  });
});
