import fc from 'fast-check';
import { expect, it } from 'vitest';
import { digestOf } from '../../../proto/digest.ts';
import { nativeDigestOf } from '../../../server/system/native-digest.ts';

it('the digest of the platform is the one that devices work out', () => {
  const value = fc.dictionary(fc.string(), fc.constantFrom('ü', '€😀', '\ud800', 'a"b', ''));
  fc.assert(
    fc.property(value, (some) => {
      expect(nativeDigestOf(some)).toBe(digestOf(some));
    }),
    { numRuns: 50 },
  );
});
