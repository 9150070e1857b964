import { generateKey, readKey } from 'openpgp';
import { expect, it } from 'vitest';
import { armored } from '../../proto/armor.ts';

it('a keyring becomes text that holds the same key; text stays as it is', async () => {
  const made = await generateKey({ userIDs: [{ name: 'test' }], format: 'object' });
  const text = armored(made.publicKey.write());
  const read = await readKey({ armoredKey: text });
  expect(read.getFingerprint()).toBe(made.publicKey.getFingerprint());
  const armor = made.publicKey.armor();
  expect(armored(new TextEncoder().encode(armor))).toBe(armor);
});
