import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';

/** A number from 0 (inclusive) to 1 (exclusive) that is always the same for a device and spread evenly over devices. */
export function shareOf(device: string): number {
  const digest = sha256(utf8ToBytes(`jitter ${device}`));
  return new DataView(digest.buffer, digest.byteOffset).getUint32(0) / 2 ** 32;
}
