import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerBare } from '../../../../../server/resolver/core/deb/bare/answer-bare.ts';
import { openSession } from '../../../../../server/resolver/core/deb/session.ts';
import type { View } from '../../../../../server/resolver/core/view.ts';
import { ask, debSource, debView, plainRequest } from '../../../../support/deb-view.ts';

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const;
const someName = fc.constantFrom(...names, 'virtual', 'other', 'none');
const target = fc
  .tuple(someName, fc.constantFrom('', '', '', ':any', ' (>= 2)', ' (<< 2)', ' (= 1)'))
  .map((parts) => parts.join(''));
const alternatives = fc
  .array(target, { minLength: 1, maxLength: 3 })
  .map((list) => list.join(' | '));

function field(name: string, entry: fc.Arbitrary<string>, maxLength: number) {
  return fc
    .array(entry, { maxLength })
    .map((entries) => (entries.length > 0 ? `${name}: ${entries.join(', ')}` : ''));
}

/** Conflicts are rare, as in a distribution: with many of them there is nothing simple to answer. */
const rare = (line: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant('') }, { weight: 1, arbitrary: line });

function stanza(name: string): fc.Arbitrary<string> {
  const head = fc.tuple(fc.constantFrom('1', '2'), fc.constantFrom('amd64', 'all', 'i386'));
  const fields = fc.tuple(
    rare(field('Pre-Depends', alternatives, 1)),
    field('Depends', alternatives, 3),
    field('Recommends', alternatives, 2),
    rare(field('Conflicts', target, 2)),
    rare(field('Breaks', target, 1)),
    fc.constantFrom('', '', 'Provides: virtual', 'Provides: virtual (= 2), other'),
    fc.constantFrom('', '', 'Multi-Arch: same', 'Multi-Arch: foreign', 'Multi-Arch: allowed'),
    fc.constantFrom('', '', 'Priority: important', 'Essential: yes'),
  );
  return fc
    .tuple(head, fields)
    .map(([[version, arch], lines]) =>
      [`${name} ${version} ${arch}`, ...lines.filter((line) => line !== '')].join('\n'),
    );
}

/** Names may be there twice: in another version, or for another architecture. */
const index = fc
  .tuple(...names.map(stanza), fc.array(fc.constantFrom(...names).chain(stanza), { maxLength: 3 }))
  .map((stanzas) => stanzas.flat().join('\n\n'));
const options = fc.record({
  wanted: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 4 }),
  recommends: fc.constantFrom(null, true, false),
  essential: fc.boolean(),
  archs: fc.constantFrom(['amd64'], ['amd64', 'i386']),
});

/** A request that means the same, and that only the walk for all cases answers. */
const roundabout = { removals: [{ name: 'nobody' }] };

const isAnsweredBare = (view: View, wanted: readonly string[]): boolean => {
  const wants = wanted.map((name) => ({ name }));
  return answerBare(openSession(view, { ...plainRequest, wants })) !== null;
};

describe('the walk for bare devices', () => {
  it('answers as the walk for all cases does, reasons included', () => {
    let fast = 0;
    fc.assert(
      fc.property(index, options, (packages, { wanted, archs, ...request }) => {
        const view = debView([debSource(packages)], archs);
        const answer = ask(view, wanted, request);
        expect(answer).toEqual(ask(view, wanted, { ...request, ...roundabout }));
        if (isAnsweredBare(view, wanted)) fast += 1;
      }),
      { numRuns: 1000 },
    );
    expect(fast).toBeGreaterThan(150);
  });

  it('gives up where a choice has to be taken back', () => {
    const view = debView('app\nDepends: x | y\n\nx\nDepends: z\n\nz\nDepends: none\n\ny');
    expect(isAnsweredBare(view, ['app'])).toBe(false);
    expect(ask(view, ['app']).packages.map(({ name }) => name)).toEqual(['app', 'y']);
  });

  it('gives up where what came for itself is in the way of something else', () => {
    const view = debView('app\nDepends: x, y | w\n\nx\nDepends: w\n\ny\nConflicts: w\n\nw');
    expect(isAnsweredBare(view, ['app', 'y'])).toBe(false);
  });

  it('takes a decided version for what it is', () => {
    const view = debView('app\nDepends: x\n\nx 1\n\nx 2');
    const locked = (version: string) => ({ locked: new Map([['x', version]]) });
    const versions = (request: object) =>
      ask(view, ['app'], request).packages.map((p) => p.version);
    expect(versions(locked('2'))).toEqual(['1', '2']);
    expect(versions(locked('1'))).toEqual(['1', '1']);
  });

  it('shares what it says of a package between answers', () => {
    const view = debView('one\nDepends: x\n\ntwo\nDepends: one\n\nx');
    const rowOf = (...wanted: string[]) =>
      ask(view, wanted).packages.find(({ name }) => name === 'x');
    expect(rowOf('one')).toBe(rowOf('two'));
    expect(rowOf('x')).not.toEqual(rowOf('one'));
  });
});
