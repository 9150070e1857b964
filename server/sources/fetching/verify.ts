import {
  type CleartextMessage,
  createMessage,
  type Key,
  type Message,
  readCleartextMessage,
  readKeys as readKeyring,
  readSignature,
  type Signature,
  type VerifyMessageResult,
  verify,
} from 'openpgp';
import { JamesError } from '../../../proto/errors.ts';

const KEY_BLOCK = /-----BEGIN PGP PUBLIC KEY BLOCK-----[\s\S]*?-----END PGP PUBLIC KEY BLOCK-----/g;

/** By so much a repository's clock may be ahead of this server's. */
const CLOCK_ROOM_MS = 5 * 60_000;

/** Verifies signatures by the keys of a source, as they stand at a time (ms since 1970). */
export interface Verifier {
  /** The signed text of a cleartext signature; nothing around it. Throws `bad-signature`. */
  cleartext(bytes: Uint8Array, what: string): Promise<string>;
  /** Throws `bad-signature` unless the signature (armored or not) is a good one of these bytes. */
  detached(bytes: Uint8Array, signature: Uint8Array, what: string): Promise<void>;
}

/**
 * A verifier for armored public keys, one after the other. One good signature by one of them is enough; keys that have
 * expired or were revoked, and digests that prove nothing any more (MD5, SHA-1), do not count.
 */
export function createVerifier(armoredKeys: string, now: number): Verifier {
  return {
    async cleartext(bytes, what) {
      const text = Buffer.from(bytes).toString('utf8');
      const message = await readCleartextMessage({ cleartextMessage: text }).catch((cause) => {
        throw unsigned(what, cause);
      });
      await requireGood(message, armoredKeys, now, what);
      return message.getText();
    },
    async detached(bytes, signature, what) {
      const message = await createMessage({ binary: bytes });
      const parsed = await parseSignature(signature).catch((cause) => {
        throw unsigned(what, cause);
      });
      await requireGood(message, armoredKeys, now, what, parsed);
    },
  };
}

function parseSignature(bytes: Uint8Array): Promise<Signature> {
  const text = Buffer.from(bytes).toString('latin1');
  return text.includes('-----BEGIN PGP SIGNATURE-----')
    ? readSignature({ armoredSignature: text })
    : readSignature({ binarySignature: bytes });
}

async function requireGood(
  message: Message<Uint8Array> | CleartextMessage,
  armoredKeys: string,
  now: number,
  what: string,
  signature?: Signature,
): Promise<void> {
  const verificationKeys = await readKeys(armoredKeys);
  // Times are checked below, with some room for clocks that differ.
  const input = {
    verificationKeys,
    date: null as unknown as Date,
    ...(signature && { signature }),
  };
  const { signatures } = await ('getText' in message && !signature
    ? verify({ ...input, message: message as CleartextMessage })
    : verify({ ...input, message: message as Message<Uint8Array>, format: 'binary' }));
  const reasons: string[] = [];
  for (const one of signatures) {
    const reason = await faultOf(one, verificationKeys, now);
    if (reason === null) return;
    reasons.push(reason);
  }
  const why = reasons.length > 0 ? reasons.slice(0, 3).join('; ') : 'it has no signature';
  throw new JamesError('bad-signature', `${what} is not signed by a key of the source: ${why}.`);
}

/** Why a signature does not count, or null. */
async function faultOf(
  { verified, signature, keyID }: VerifyMessageResult['signatures'][number],
  keys: readonly Key[],
  now: number,
): Promise<string | null> {
  const id = keyID.toHex().toUpperCase();
  try {
    await verified;
    const [packet] = (await signature).packets;
    const created = packet?.created?.getTime() ?? Number.POSITIVE_INFINITY;
    if (created > now + CLOCK_ROOM_MS) return `the signature by ${id} is from the future`;
    const ends = packet?.getExpirationTime();
    if (ends instanceof Date && ends.getTime() <= now) return `the signature by ${id} has expired`;
    const key = keys.find((one) => one.getKeys(keyID).length > 0);
    // Throws where the key or the subkey has expired or was revoked by now.
    await key?.getSigningKey(keyID, new Date(Math.max(now, created)));
    return key ? null : `signedBy does not hold the key ${id}`;
  } catch (cause) {
    const { message } = cause as Error;
    if (/could not find signing key/i.test(message)) return `signedBy does not hold the key ${id}`;
    return `the signature by ${id} does not count (${message})`;
  }
}

async function readKeys(armoredKeys: string): Promise<Key[]> {
  const blocks = armoredKeys.match(KEY_BLOCK) ?? [];
  if (blocks.length === 0)
    throw new JamesError('bad-signature', 'signedBy of the source holds no armored public key.');
  const read = blocks.map((block) =>
    readKeyring({ armoredKeys: block }).catch((cause) => {
      const sentence = 'A key in signedBy of the source is damaged.';
      throw new JamesError('bad-signature', sentence, { cause });
    }),
  );
  return (await Promise.all(read)).flat();
}

function unsigned(what: string, cause: unknown): JamesError {
  return new JamesError('bad-signature', `${what} has no signature that can be read.`, { cause });
}
