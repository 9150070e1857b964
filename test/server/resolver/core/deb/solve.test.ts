import { describe, expect, it } from 'vitest';
import type { Request } from '../../../../../server/resolver/core/resolution.ts';
import { ask, debSource, debView, outcome } from '../../../../support/deb-view.ts';

type Case = [
  what: string,
  packages: string,
  wants: string,
  expected: string,
  changes?: Partial<Request>,
];

const relations: Case[] = [
  ['dependencies of dependencies', 'a\nDepends: b\n\nb\nPre-Depends: c\n\nc', 'a', 'a=1 b=1 c=1'],
  ['the first alternative', 'a\nDepends: b | c\n\nb\n\nc', 'a', 'a=1 b=1'],
  ['an alternative that is wanted anyway', 'a\nDepends: b | c\n\nb\n\nc', 'a c', 'a=1 c=1'],
  ['the next alternative where the first is not there', 'a\nDepends: b | c\n\nc', 'a', 'a=1 c=1'],
  [
    'the next alternative where the first cannot be',
    'a\nDepends: b | c\n\nb\nDepends: z\n\nc',
    'a',
    'a=1 c=1',
  ],
  ['the highest version', 'a 1\n\na 1.10\n\na 1.9', 'a', 'a=1.10'],
  ['a version that is asked for', 'a 1\n\na 2', 'a=1', 'a=1'],
  ['a prefix that is asked for', 'a 1.2-1\n\na 1.3-1', 'a=1.2*', 'a=1.2-1'],
  [
    'the package itself before what provides it',
    'a\nDepends: b\n\nx\nProvides: b\n\nb',
    'a',
    'a=1 b=1',
  ],
  ['what provides a name', 'a\nDepends: mta\n\nx\nProvides: mta', 'a', 'a=1 x=1'],
  [
    'the more important provider',
    'a\nDepends: mta\n\nx\nPriority: extra\nProvides: mta\n\ny\nProvides: mta',
    'a',
    'a=1 x=1',
  ],
  [
    'a provided version',
    'a\nDepends: mta (>= 2)\n\nx\nProvides: mta (= 1)\n\ny\nProvides: mta (= 2)',
    'a',
    'a=1 y=1',
  ],
  ['a conflict avoided', 'a\nDepends: b | c\nConflicts: b\n\nb\n\nc', 'a', 'a=1 c=1'],
  [
    'a conflict with a later need',
    'a\nDepends: b | c, d\n\nb\n\nc\n\nd\nConflicts: b',
    'a',
    'a=1 c=1 d=1',
  ],
  ['its own provides beside its conflict', 'a\nProvides: mta\nConflicts: mta', 'a', 'a=1'],
  ['Breaks against a version', 'a\nDepends: b | c\nBreaks: b (<< 2)\n\nb\n\nc', 'a', 'a=1 c=1'],
  ['no Suggests and no Enhances', 'a\nSuggests: b\n\nb\nEnhances: a', 'a', 'a=1'],
  ['no Recommends by itself', 'a\nRecommends: b\n\nb', 'a', 'a=1'],
  ['Recommends where asked', 'a\nRecommends: b\n\nb', 'a', 'a=1 b=1', { recommends: true }],
  [
    'Recommends that cannot be, passed over',
    'a\nRecommends: b, c\n\nb\nDepends: z\n\nc',
    'a',
    'a=1 c=1',
    { recommends: true },
  ],
  ['wants alone without prerequisites', 'a\nDepends: b\n\nb', 'a', 'a=1', { prerequisites: false }],
  [
    'essential packages where asked',
    'a\n\nbash\nEssential: yes\nDepends: c\n\nc',
    'a',
    'a=1 bash=1 c=1',
    { essential: true },
  ],
  ['a cycle', 'a\nDepends: b\n\nb\nDepends: a', 'a', 'a=1 b=1'],
];

describe.each(['apt', 'apt3'] as const)('under the policy %s comes', (policy) => {
  // The two of equal rank but for priority: the one named later is last of all rules only.
  it.each(relations.filter(([what]) => what !== 'the more important provider'))(
    '%s',
    (_, packages, wants, expected, changes) => {
      const answer = ask(debView(packages), wants, { policy, ...changes });
      expect(answer.problems).toEqual([]);
      expect(outcome(answer)).toBe(expected);
    },
  );
});

describe('where apt and apt 3 differ', () => {
  it('an essential package that came for a Recommends that cannot be stays', () => {
    const view = debView(
      'a\nRecommends: x\n\nx\nDepends: e, y\n\ny\nDepends: z\n\ne\nEssential: yes',
    );
    expect(outcome(ask(view, 'a', { recommends: true }))).toBe('a=1 e=1');
    expect(outcome(ask(view, 'a', { recommends: true, policy: 'apt3' }))).toBe('a=1');
  });

  it('of providers the last that the index mentions, or the first by name', () => {
    const view = debView('a\nDepends: v\n\nx\nProvides: v\n\ny\nProvides: v');
    expect(outcome(ask(view, 'a'))).toBe('a=1 y=1');
    expect(outcome(ask(view, 'a', { policy: 'apt3' }))).toBe('a=1 x=1');
  });
});

describe('several architectures', () => {
  const archs = ['amd64', 'i386'];
  it.each([
    ['stay apart', 'a 1 i386\nDepends: b\n\nb 1 i386\n\nb 1 amd64', 'a', 'a:i386=1 b:i386=1'],
    [
      'are served by what is foreign',
      'a 1 i386\nDepends: b\n\nb 1 amd64\nMulti-Arch: foreign',
      'a',
      'a:i386=1 b=1',
    ],
    ['are not served by what is not', 'a 1 i386\nDepends: b\n\nb 1 amd64', 'a', ''],
    [
      'are served as :any by what is allowed',
      'a 1 i386\nDepends: b:any\n\nb 1 amd64\nMulti-Arch: allowed',
      'a',
      'a:i386=1 b=1',
    ],
    ['may be named', 'a 1 amd64\nDepends: b:i386\n\nb 1 i386', 'a', 'a=1 b:i386=1'],
    [
      'go together if both are the same',
      'a 1 amd64\nDepends: b:i386, b\n\nb 1 amd64\nMulti-Arch: same\n\nb 1 i386\nMulti-Arch: same',
      'a',
      'a=1 b=1 b:i386=1',
    ],
    [
      'go together in step only',
      'a 1 amd64\nDepends: b:i386, b\n\nb 2 amd64\nMulti-Arch: same\n\nb 1 i386\nMulti-Arch: same',
      'a',
      '',
    ],
    [
      'do not go together otherwise',
      'a 1 amd64\nDepends: b:i386, b\n\nb 1 amd64\n\nb 1 i386',
      'a',
      '',
    ],
    [
      'are kept out by a conflict without qualifier',
      'a 1 amd64\nDepends: b:i386\nConflicts: b\n\nb 1 i386',
      'a',
      '',
    ],
    [
      'are let in by a conflict with another',
      'a 1 amd64\nDepends: b\nConflicts: b:i386\n\nb 1 amd64',
      'a',
      'a=1 b=1',
    ],
  ])('%s', (_, packages, wants, expected) => {
    expect(outcome(ask(debView([debSource(packages)], archs), wants))).toBe(expected);
  });
});

describe('pins', () => {
  const stable = debSource('a 1\n\nb 1', { id: 'stable' });
  const other = (options: object) => debSource('a 2', { id: 'other', ...options });
  it.each([
    ['equal: the higher version', {}, 'a=2'],
    ['a higher priority wins over a higher version', { priority: 400 }, 'a=1'],
    ['not automatic', { notAutomatic: true }, 'a=1'],
    ['not automatic, but upgrades', { notAutomatic: true, butAutomaticUpgrades: true }, 'a=1'],
    ['not automatic, with a priority of its own', { notAutomatic: true, priority: 600 }, 'a=2'],
    ['below 0', { priority: -1 }, 'a=1'],
    ['excluded by a glob', { exclude: ['a*'] }, 'a=1'],
    ['not among what is included', { include: ['b'] }, 'a=1'],
  ])('%s', (_, options, expected) => {
    expect(outcome(ask(debView([stable, other(options)]), 'a'))).toBe(expected);
  });

  it('Recommends follow the source, then the request, then the want', () => {
    const view = debView([
      debSource('a\nRecommends: b\n\nb\nRecommends: c\n\nc', { recommended: true }),
    ]);
    const wish = (recommended: boolean) => ({ wants: [{ name: 'a', recommended }] });
    expect(outcome(ask(view, 'a'))).toBe('a=1 b=1 c=1');
    expect(outcome(ask(view, 'a', { recommends: false }))).toBe('a=1');
    expect(outcome(ask(view, [], { recommends: false, ...wish(true) }))).toBe('a=1 b=1');
    expect(outcome(ask(view, [], { recommends: true, ...wish(false) }))).toBe('a=1');
  });

  it('a source for any architecture only gives no other', () => {
    const source = debSource('a 1 all\n\nb 1 amd64', { onlyIndependent: true });
    const answer = ask(debView([source]), 'a b');
    expect(outcome(answer)).toBe('a=1');
    expect(answer.problems[0]?.hint).toMatch(/source main has b for amd64/);
  });
});
