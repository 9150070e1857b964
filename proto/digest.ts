import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { canonicalJson } from './canonical-json.ts';

/** `sha256:` and 64 hexadecimal digits of the bytes, or of the UTF-8 form of the text. */
export function sha256Of(content: Uint8Array | string): string {
  return `sha256:${bytesToHex(sha256(typeof content === 'string' ? utf8ToBytes(content) : content))}`;
}

/** The digest of a JSON value: SHA-256 of its canonical form (RFC 8785). */
export function digestOf(value: unknown): string {
  return sha256Of(canonicalJson(value));
}
