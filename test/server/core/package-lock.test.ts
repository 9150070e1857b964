import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../proto/canonical-json.ts';
import { sha256Of } from '../../../proto/digest.ts';
import { lockOf, makeLock } from '../../../server/core/package-lock.ts';
import { answerOf } from '../../../server/resolver/core/answer.ts';
import { createPacker, createUnpacker } from '../../../server/resolver/core/packed-answer.ts';
import { ask, debView } from '../../support/deb-view.ts';

const view = debView('a 1:1~rc1\nDepends: b, c\n\nb 2\nRecommends: d\n\nc 3 all\n\nd 4');
const packer = createPacker(view);
const unpacker = createUnpacker(view);
const world = {
  digest: sha256Of,
  remember: <Value>(_about: object, _key: string, make: () => Value): Value => make(),
};

const want = (name: string, verify: boolean) => ({
  ...{ name, verify, manual: false },
  reason: { spec: 's', revision: 1, packets: [] },
});
const parts = fc.record({
  names: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 }),
  unverified: fc.uniqueArray(fc.constantFrom('a', 'b', 'c')),
  problems: fc.uniqueArray(fc.constantFrom('a', 'none')),
  unindexed: fc.uniqueArray(fc.constantFrom('aa', 'bb')),
  auto: fc.boolean(),
});

describe('the text of a lock', () => {
  it('is the canonical JSON of it, whether the answer is packed or not', () => {
    fc.assert(
      fc.property(parts, ({ names, unverified, problems, unindexed, auto }) => {
        const resolution = ask(view, names);
        const packed = packer.pack(resolution);
        if (!packed) throw new Error('the answer cannot be packed');
        for (const answer of [answerOf(resolution), unpacker.unpack(packed, packer.texts)]) {
          const some = {
            ...{ type: 'deb' as const, auto, resolution: answer },
            wants: [
              ...names.map((name) => want(name, true)),
              ...unverified.map((name) => want(name, false)),
            ],
            problems: problems.map((name) => ({ code: 'conflict' as const, name, detail: '' })),
            unindexed: unindexed.map((name) => ({
              ...{ name, version: null, arch: 'amd64', type: 'deb' as const, source: 'other' },
              ...{ auto: false, size: 0, installedSize: 0 },
              reason: { spec: 's', revision: 1, packets: [], neededBy: [], relation: null },
            })),
          };
          const lock = makeLock({ ...some, world });
          const whole = lockOf(some);
          expect(lock.text()).toBe(canonicalJson(whole));
          expect(lock.digest).toBe(sha256Of(lock.text()));
          expect(lock.count).toBe(whole.packages.length);
        }
      }),
    );
  });

  it('is put together anew where only the digest was remembered', () => {
    const known = new Map<string, unknown>();
    const remembering = {
      ...world,
      remember<Value>(_about: object, key: string, make: () => Value): Value {
        if (!known.has(key)) known.set(key, make());
        return known.get(key) as Value;
      },
    };
    const some = {
      ...{ type: 'deb' as const, auto: false, resolution: answerOf(ask(view, 'a')) },
      ...{ wants: [want('a', true)], problems: [], unindexed: [] },
    };
    const [first, second] = [1, 2].map(() => makeLock({ ...some, world: remembering }));
    expect(second?.digest).toBe(first?.digest);
    expect(second?.text()).toBe(first?.text());
  });
});
