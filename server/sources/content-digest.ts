import { createHash } from 'node:crypto';

/** `sha256:` and the hexadecimal digest of the bytes. */
export function contentDigest(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
