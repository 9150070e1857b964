import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Answer, answerOf } from '../../../../server/resolver/core/answer.ts';
import { numbersOf } from '../../../../server/resolver/core/answer-numbers.ts';
import { createPacker, createUnpacker } from '../../../../server/resolver/core/packed-answer.ts';
import type { Request, Resolution } from '../../../../server/resolver/core/resolution.ts';
import { resolve } from '../../../../server/resolver/core/resolve.ts';
import type { PackageRecord } from '../../../../server/resolver/core/universe.ts';
import { createUniverseBuilder } from '../../../../server/resolver/core/universe-builder.ts';
import { createView, type View } from '../../../../server/resolver/core/view.ts';
import { ask, debSource, debView, plainRequest } from '../../../support/deb-view.ts';
import { records } from '../../../support/package-arbitraries.ts';
import { randomRpms } from '../../../support/random-rpms.ts';
import { rpmRequest, rpmView } from '../../../support/rpm-view.ts';
import { seededRandom } from '../../../support/seeded-random.ts';

function viewOf(offers: readonly (readonly PackageRecord[])[]): View {
  const sources = offers.map((some, index) => {
    const builder = createUniverseBuilder('deb');
    for (const record of some) builder.add(record);
    return debSource('', { id: `source-${index}`, universes: [builder.build()] });
  });
  return createView({ family: 'deb', archs: ['amd64'], sources });
}

/** What becomes of a resolution that goes through numbers; `listed` and `above` beside it, to be compared as well. */
function throughNumbers(view: View, resolution: Resolution): Answer | null {
  const packer = createPacker(view);
  const packed = packer.pack(resolution);
  const sent = structuredClone({ packed, texts: packer.texts });
  return sent.packed && createUnpacker(view).unpack(sent.packed, sent.texts);
}

/** Getters are read, and texts that were made of packages left out. */
function plain(answer: Answer) {
  const { listed, above, ...rest } = answer;
  const packages = listed.map(({ texts, ...one }) => one);
  return { ...rest, listed: packages, above: Array.from(above) };
}

function expectSame(view: View, resolution: Resolution): void {
  const answer = throughNumbers(view, resolution);
  expect(answer && plain(answer)).toEqual(plain(answerOf(resolution)));
}

describe('packed answers', () => {
  it('of Debian packages say what the resolver said', () => {
    const names = fc.uniqueArray(fc.constantFrom('p', 'q', 'r', 's', 't'), { minLength: 1 });
    fc.assert(
      fc.property(fc.tuple(records, records), names, (offers, wanted) => {
        const view = viewOf(offers);
        expectSame(view, ask(view, wanted));
      }),
      { numRuns: 200 },
    );
  });

  it('of rpm packages say what the resolver said, paths and weak dependencies included', () => {
    const random = seededRandom(5);
    let packed = 0;
    for (let round = 0; round < 200; round += 1) {
      const shape = { rich: true, weak: true, multilib: true, installed: false };
      const { available, wants } = randomRpms(random, shape);
      const view = rpmView({ records: available });
      const asked = wants.map((name) => ({ name }));
      const resolution = resolve(view, rpmRequest({ wants: asked }));
      const answer = throughNumbers(view, resolution);
      if (!answer) continue;
      packed += 1;
      expect(plain(answer)).toEqual(plain(answerOf(resolution)));
    }
    expect(packed).toBe(200);
  });

  it('keep apart packages of one name in two architectures', () => {
    const text =
      'a 1\nDepends: b, b:i386\nMulti-Arch: same\n\nb 1\nMulti-Arch: same\n\nb 1 i386\nMulti-Arch: same\nDepends: c\n\nc 1 i386';
    const view = debView([debSource(text)], ['amd64', 'i386']);
    const resolution = ask(view, 'a');
    expect(resolution.packages.map(({ name, arch }) => `${name}:${arch}`)).toContain('b:i386');
    expectSame(view, resolution);
  });

  it('are refused where something has no number in the view', () => {
    const view = debView('a 1\nDepends: b\n\nb 1');
    const packer = createPacker(view);
    const resolution = ask(view, 'a');
    const [first, ...others] = resolution.packages;
    if (!first) throw new Error('a is not in the answer');
    const with_ = (one: typeof first): Resolution => ({
      ...resolution,
      packages: [one, ...others],
    });
    expect(packer.pack(resolution)).not.toBeNull();
    expect(packer.pack(with_({ ...first, version: '2' }))).toBeNull();
    expect(packer.pack(with_({ ...first, source: 'now' }))).toBeNull();
    expect(packer.pack({ ...resolution, packages: others })).toBeNull();
  });

  it('are the same whether they are packed from numbers or from packages', () => {
    const text =
      'a 1\nDepends: b, c\nRecommends: d\n\nb 1\nEssential: yes\n\nc 1\nPre-Depends: d | b\n\nd 1';
    const view = debView(text);
    const resolution = ask(view, 'a', { essential: true, recommends: true });
    expect(numbersOf(resolution)).toBeDefined();
    const plainly = { ...resolution };
    expect(numbersOf(plainly)).toBeUndefined();
    expect(createPacker(view).pack(resolution)).toEqual(createPacker(view).pack(plainly));
    expectSame(view, resolution);
  });

  it('share relation texts', () => {
    const view = debView('a 1\nDepends: c\n\nb 1\nDepends: c\n\nc 1\n\nd 1\nDepends: c');
    const packer = createPacker(view);
    for (const name of ['a', 'b', 'd'])
      packer.pack(resolve(view, { ...plainRequest, wants: [{ name }] } satisfies Request));
    expect(packer.texts).toEqual(['c']);
  });
});
