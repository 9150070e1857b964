import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerBare } from '../../../../../server/resolver/core/deb/bare/answer-bare.ts';
import { openSession } from '../../../../../server/resolver/core/deb/session.ts';
import type { View } from '../../../../../server/resolver/core/view.ts';
import { ask, debSource, debView, plainRequest } from '../../../../support/deb-view.ts';
import { names, randomIndex } from './random-index.ts';

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
      fc.property(randomIndex, options, (packages, { wanted, archs, ...request }) => {
        const view = debView([debSource(packages)], archs);
        const answer = ask(view, wanted, request);
        expect(answer).toEqual(ask(view, wanted, { ...request, ...roundabout }));
        if (isAnsweredBare(view, wanted)) fast += 1;
      }),
      { numRuns: 500 },
    );
    expect(fast).toBeGreaterThan(75);
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
