import { describe, expect, it } from 'vitest';
import { trace } from '../../../../../server/resolver/core/resolve.ts';
import { ask, debSource, debView, outcome, plainRequest } from '../../../../support/deb-view.ts';

describe('a want that cannot be met', () => {
  it('blocks no other, and says why', () => {
    const answer = ask(debView('a\nDepends: b (>= 2)\n\nb 1\n\nc'), 'a c');
    expect(outcome(answer)).toBe('c=1');
    expect(answer.unresolved).toEqual(['a']);
    expect(answer.problems).toEqual([
      {
        name: 'a',
        sentences: [
          'a is asked for: a 1.',
          'a 1 needs b (>= 2), of which the sources offer only b 1.',
        ],
        hint: null,
      },
    ]);
  });

  it('leaves out the fewest', () => {
    const answer = ask(debView('a\nConflicts: b, c\n\nb\n\nc'), 'a b c');
    expect(answer.unresolved).toEqual(['a']);
    expect(outcome(answer)).toBe('b=1 c=1');
  });

  it('tells a chain as a smallest set of facts', () => {
    const packages =
      'a\nDepends: m, x\n\nm\nDepends: b\n\nb\nConflicts: d\n\nx\nDepends: d\n\nd\n\ny';
    const [problem] = ask(debView(packages), 'a y').problems;
    expect(problem?.sentences).toHaveLength(6);
    expect(problem?.sentences.at(-1)).toMatch(/conflicts with d|needs/);
  });

  it.each([
    ['the name is nowhere', 'x', 'a', {}, /No source .* offers a/, /No source has a/],
    ['it is excluded', 'a', 'a', { exclude: ['a'] }, /offers a/, /excluded by the source main/],
    [
      'it is not included',
      'a',
      'a',
      { include: ['b'] },
      /offers a/,
      /not among what the source main includes/,
    ],
    ['it is pinned away', 'a', 'a', { priority: -5 }, /offers a/, /priority below 0/],
    ['it is for others', 'a 1 i386', 'a', {}, /offers a/, /has a for i386/],
    [
      'the version is not there',
      'a 1\n\na 2',
      'a=3',
      {},
      /version 3; the sources offer a 2, a 1/,
      null,
    ],
    [
      'several provide it',
      'x\nProvides: m\n\ny\nProvides: m',
      'm',
      {},
      /provided by several packages: x, y/,
      null,
    ],
    [
      'what it needs is excluded',
      'a\nDepends: b\n\nb',
      'a',
      { exclude: ['b'] },
      /needs b, which no source offers/,
      /b is excluded/,
    ],
  ])('where %s', (_, packages, wants, options, sentence, hint) => {
    const answer = ask(debView([debSource(packages, options)]), wants);
    expect(answer.problems).toHaveLength(1);
    expect(answer.problems[0]?.sentences.join(' ')).toMatch(sentence);
    if (hint === null) expect(answer.problems[0]?.hint).toBeNull();
    else expect(answer.problems[0]?.hint).toMatch(hint);
  });

  it('a locked version that is gone names what is offered', () => {
    const locked = new Map([['b', '1.0']]);
    const answer = ask(debView('a\nDepends: b\n\nb 2'), 'a', { locked });
    expect(answer.problems[0]?.sentences).toEqual([
      'b is locked to version 1.0; the sources offer 2.',
    ]);
  });
});

describe('reasons', () => {
  it('lead from every package to a want', () => {
    const view = debView('a\nDepends: b | z, c\n\nb\nRecommends: d\n\nc\nPre-Depends: e\n\nd\n\ne');
    const { packages } = ask(view, 'a', { recommends: true });
    expect(Object.fromEntries(packages.map(({ name, reason }) => [name, reason]))).toEqual({
      a: { kind: 'wanted' },
      b: { kind: 'needed', by: 'a', relationKind: 'depends', relation: 'b | z' },
      c: { kind: 'needed', by: 'a', relationKind: 'depends', relation: 'c' },
      d: { kind: 'needed', by: 'b', relationKind: 'recommends', relation: 'd' },
      e: { kind: 'needed', by: 'c', relationKind: 'preDepends', relation: 'e' },
    });
    expect(packages.map(({ auto }) => auto)).toEqual([false, true, true, true, true]);
  });
});

describe('the trace', () => {
  it('tells what each package brings and what serves virtual names', () => {
    const view = debView('a\nDepends: b, perlapi\n\nb\n\nperl\nProvides: perlapi\nDepends: c\n\nc');
    expect(trace(view, { ...plainRequest, wants: [{ name: 'a' }] })).toEqual([
      "Package a: adding new deps ['b', 'perlapi']",
      "VPackage perlapi: got provides ['perl']",
      "Package perl: adding new deps ['c']",
    ]);
  });
});

describe('hostile indexes', () => {
  it('a chain of ten thousand packages is followed', () => {
    const chain = Array.from({ length: 10_000 }, (_, n) => `p${n}\nDepends: p${n + 1}`);
    const answer = ask(debView(`${chain.join('\n\n')}\n\np10000`), 'p0');
    expect(answer.packages).toHaveLength(10_001);
  });

  it('a malformed relation cannot be served, and says so', () => {
    const answer = ask(debView('a\nDepends: b ((>= 1)\n\nb'), 'a');
    expect(answer.unresolved).toEqual(['a']);
    expect(answer.problems[0]?.sentences.join(' ')).toContain('b ((>= 1)');
  });
});
