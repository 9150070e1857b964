import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateDeb } from '../../../../../server/resolver/core/deb/validate.ts';
import type { Resolution } from '../../../../../server/resolver/core/resolution.ts';
import type { View } from '../../../../../server/resolver/core/view.ts';
import { ask, debView } from '../../../../support/deb-view.ts';

const names = ['a', 'b', 'c', 'd', 'e', 'f'] as const;
const target = fc.tuple(
  fc.constantFrom(...names, 'virtual', 'none'),
  fc.constantFrom('', '', '', ' (>= 2)', ' (<< 2)', ' (= 1)'),
);
const field = (name: string, entry: fc.Arbitrary<string>) =>
  fc
    .array(entry, { maxLength: 2 })
    .map((entries) => (entries.length > 0 ? `${name}: ${entries.join(', ')}` : ''));
const forbidden = target.map((one) => one.join(''));

/** A small index: each name in one version, with needs of so many alternatives, conflicts and provides at random. */
function indexWith(maxAlternatives: number): fc.Arbitrary<string> {
  const alternatives = fc
    .array(target, { minLength: 1, maxLength: maxAlternatives })
    .map((list) => list.map((one) => one.join('')).join(' | '));
  const stanza = (name: string) =>
    fc
      .tuple(
        fc.constantFrom('1', '2'),
        field('Depends', alternatives),
        field('Conflicts', forbidden),
        fc.constantFrom('', '', 'Provides: virtual', 'Provides: virtual (= 2)'),
      )
      .map(([version, ...fields]) => [`${name} ${version}`, ...fields.filter(Boolean)].join('\n'));
  return fc.tuple(...names.map(stanza)).map((stanzas) => stanzas.join('\n\n'));
}
const index = indexWith(3);
const wants = fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 3 });
const policy = fc.constantFrom('apt' as const, 'apt3' as const);

const idOf = (view: View, name: string): number => view.named(name)[0] ?? 0;
const idsOf = (view: View, { packages }: Resolution): number[] =>
  packages.map(({ name }) => idOf(view, name));

/** The most wants that can be there together, found by trying every set of packages. */
function mostPossible(view: View, wanted: readonly string[]): number {
  let most = 0;
  for (let mask = 0; mask < 1 << names.length; mask += 1) {
    const chosen = names.filter((_, place) => (mask >> place) & 1);
    const met = wanted.filter((name) => chosen.includes(name as (typeof names)[number])).length;
    if (met <= most) continue;
    const ids = chosen.map((name) => idOf(view, name));
    if (validateDeb(view, ids).length === 0) most = met;
  }
  return most;
}

describe('every answer', () => {
  it('is closed, free of conflicts, and leaves out no want that could be met', () => {
    fc.assert(
      fc.property(index, wants, policy, (packages, wanted, chosen) => {
        const view = debView(packages);
        const answer = ask(view, wanted, { policy: chosen });
        expect(validateDeb(view, idsOf(view, answer))).toEqual([]);
        const met = wanted.filter((name) => answer.packages.some((one) => one.name === name));
        expect(answer.unresolved).toEqual(wanted.filter((name) => !met.includes(name)).sort());
        expect(met.length).toBe(mostPossible(view, wanted));
      }),
      { numRuns: 600 },
    );
  });

  it('does not depend on the order of the wants as apt 3 chooses', () => {
    fc.assert(
      fc.property(index, wants, (packages, wanted) => {
        const forward = ask(debView(packages), wanted, { policy: 'apt3' });
        if (forward.unresolved.length > 0) return;
        const back = ask(debView(packages), [...wanted].reverse(), { policy: 'apt3' });
        expect(back).toEqual(forward);
      }),
      { numRuns: 300 },
    );
  });

  it('meets the first want as it likes best, as apt does on its command line', () => {
    const view = debView('a 1\nDepends: b | d\n\nb 1\n\nc 1\nDepends: d | b\n\nd 1');
    const namesOf = (wanted: string[]) => ask(view, wanted).packages.map(({ name }) => name);
    expect(namesOf(['a', 'c'])).toEqual(['a', 'b', 'c']);
    expect(namesOf(['c', 'a'])).toEqual(['a', 'c', 'd']);
  });

  it('is the same however often a view was asked before', () => {
    fc.assert(
      fc.property(index, fc.array(wants, { maxLength: 4 }), wants, (packages, before, wanted) => {
        const used = debView(packages);
        for (const one of before) ask(used, one);
        expect(ask(used, wanted)).toEqual(ask(debView(packages), wanted));
      }),
      { numRuns: 200 },
    );
  });

  it('says of every package why it is there, down to a want', () => {
    fc.assert(
      fc.property(index, wants, (packages, wanted) => {
        const answer = ask(debView(packages), wanted);
        const reasons = new Map(answer.packages.map(({ name, reason }) => [name, reason]));
        for (const start of reasons.keys()) {
          let name = start;
          for (let steps = 0; ; steps += 1) {
            const reason = reasons.get(name);
            if (reason?.kind !== 'needed') break;
            expect(steps).toBeLessThan(names.length);
            name = reason.by;
          }
          expect(reasons.get(name)).toEqual({ kind: 'wanted' });
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('the validator', () => {
  it('misses no package that is taken away, and no conflict that is planted', () => {
    fc.assert(
      fc.property(indexWith(1), wants, fc.nat(), (packages, wanted, pick) => {
        const planted = `${packages}\n\nfoe 1\nConflicts: ${names.join(', ')}`;
        const view = debView(planted);
        const answer = ask(view, wanted);
        const needed = answer.packages.filter(({ reason }) => reason.kind === 'needed');
        const ids = idsOf(view, answer);
        const victim = needed[pick % Math.max(needed.length, 1)];
        if (victim && isOnlyServer(view, ids, victim.name))
          expect(
            validateDeb(
              view,
              ids.filter((id) => id !== idOf(view, victim.name)),
            ),
          ).not.toEqual([]);
        if (ids.length > 0)
          expect(validateDeb(view, [...ids, idOf(view, 'foe')]).length).toBe(ids.length);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['a need', 'a\nDepends: b\n\nb', ['a'], /a 1 lacks b/],
    ['a pre-dependency', 'a\nPre-Depends: b (>= 2)\n\nb 1', ['a', 'b'], /a 1 lacks b \(>= 2\)/],
    [
      'a provided version that does not fit',
      'a\nDepends: m (>= 2)\n\nb\nProvides: m',
      ['a', 'b'],
      /lacks m/,
    ],
    ['a conflict', 'a\nConflicts: m\n\nb\nProvides: m', ['a', 'b'], /a 1 excludes m: b 1/],
    ['a break', 'a\nBreaks: b (<< 2)\n\nb 1', ['a', 'b'], /excludes b/],
  ])('finds %s', (_, packages, there, sentence) => {
    const view = debView(packages);
    const faults = validateDeb(
      view,
      there.map((name) => idOf(view, name)),
    );
    expect(faults.map((one) => one.sentence).join()).toMatch(sentence);
  });

  it('finds siblings out of step and two versions of a name', () => {
    const view = debView('a 1\n\na 2\n\nb 1\nMulti-Arch: same');
    expect(validateDeb(view, [...view.named('a')])).toHaveLength(1);
    expect(validateDeb(view, [...view.named('b')])).toEqual([]);
  });
});

/** Nothing else that is there has the name of the package or provides what it does. */
function isOnlyServer(view: View, ids: readonly number[], name: string): boolean {
  const id = idOf(view, name);
  const provides = view.relation(id, 'provides');
  return provides === '' || !ids.some((one) => one !== id && view.relation(one, 'provides') !== '');
}
