import { describe, expect, it } from 'vitest';
import type { Installed, Request } from '../../../../../server/resolver/core/resolution.ts';
import { INSTALLED_SOURCE } from '../../../../../server/resolver/core/view.ts';
import { ask, debSource, debView, outcome } from '../../../../support/deb-view.ts';

/** `name version` of what is installed, apart by commas; `hold` and `auto` may follow. */
function installed(text: string): Installed[] {
  return text.split(',').map((one) => {
    const [name = '', version = '', ...words] = one.trim().split(' ');
    const marks = { auto: words.includes('auto'), hold: words.includes('hold') };
    return { name, version, arch: 'amd64', ...marks };
  });
}

type Case = [
  what: string,
  packages: string,
  there: string,
  wants: string,
  expected: string,
  changes?: Partial<Request>,
];

const cases: Case[] = [
  ['what satisfies is kept', 'a 2\nDepends: b\n\nb 1\n\nb 2', 'b 1', 'a', 'a=2'],
  ['what is wanted is upgraded', 'a 1\n\na 2', 'a 1', 'a', 'a=2'],
  [
    'an upgrade that is needed comes',
    'a 2\nDepends: b (>= 2)\n\nb 1\n\nb 2',
    'b 1',
    'a',
    'a=2 b=2',
  ],
  ['nothing else is upgraded', 'a 1\n\nb 1\n\nb 2', 'b 1', 'a', 'a=1'],
  ['everything is, where asked', 'a 1\n\nb 1\n\nb 2', 'b 1', 'a', 'a=1 b=2', { upgrade: 'all' }],
  ['what is held stays', 'b 1\n\nb 2', 'b 1 hold', '', '', { upgrade: 'all' }],
  [
    'an installed alternative goes before the first',
    'a 1\nDepends: b | c\n\nb 1\n\nc 1',
    'c 1',
    'a',
    'a=1',
  ],
  ['nothing is removed by itself', 'a 1\nConflicts: b\n\nb 1', 'b 1', 'a', ''],
  [
    'what conflicts goes where allowed',
    'a 1\nConflicts: b\n\nb 1',
    'b 1',
    'a',
    'a=1 -b',
    { remove: true },
  ],
  [
    'what an upgrade leaves behind gets what it needs instead',
    'a 1\n\na 2\n\nb 1\nDepends: a (<= 1) | c\n\nc 1',
    'a 1, b 1',
    'a',
    'a=2 c=1',
    { remove: true },
  ],
  [
    'a new alternative comes before anything else is removed',
    'a 1\n\nb 1\nDepends: c | a\n\nc 1',
    'a 1, b 1',
    '',
    'c=1 -a',
    { remove: true, removals: [{ name: 'a' }] },
  ],
  [
    'what is only recommended stays away from what breaks its provisions',
    'j 1\nRecommends: i\n\ni 1\nProvides: v\n\nk 1\nBreaks: v',
    'k 1',
    'j',
    'j=1',
    { remove: true, recommends: true },
  ],
  ['a higher version stays', 'a 1', 'a 2', 'a', ''],
  ['a lower version is not taken by itself', 'a 1\n\na 2', 'a 2', 'a=1', ''],
  [
    'a lower version is taken where allowed',
    'a 1\n\na 2',
    'a 2',
    'a=1',
    'a=1',
    { downgrade: true },
  ],
  [
    'a locked version is taken',
    'a 1\n\na 2\n\nb 1\nDepends: a',
    'z 1',
    'b',
    'a=1 b=1',
    { locked: new Map([['a', '1']]) },
  ],
  ['what is no more in any source is kept', 'a 1\nDepends: b', 'b 7', 'a', 'a=1'],
  [
    'removals go, with what needs them',
    'a 1\nDepends: b\n\nb 1',
    'a 1, b 1',
    '',
    '-a -b',
    { removals: [{ name: 'b' }], remove: true },
  ],
];

describe('with packages installed', () => {
  it.each(cases)('%s', (_, packages, there, wants, expected, changes) => {
    const answer = ask(debView(packages), wants, { installed: installed(there), ...changes });
    expect(outcome(answer)).toBe(expected);
  });

  it('a pin of 1000 lowers a version where that is allowed', () => {
    const view = debView([debSource('a 1', { priority: 1000 }), debSource('a 2', { id: 'new' })]);
    const there = { installed: installed('a 2') };
    expect(outcome(ask(view, 'a', there))).toBe('');
    expect(outcome(ask(view, 'a', { ...there, downgrade: true }))).toBe('a=1');
  });

  it('relations of what is installed come from their own source', () => {
    const now = debSource('old 1\nConflicts: a', { id: INSTALLED_SOURCE, priority: 100 });
    const view = debView([debSource('a 1'), now]);
    const answer = ask(view, 'a', { installed: installed('old 1') });
    expect(answer.unresolved).toEqual(['a']);
    expect(answer.problems[0]?.sentences.join(' ')).toMatch(/old 1 conflicts with a/);
  });
});
