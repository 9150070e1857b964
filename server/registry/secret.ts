import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a device's secret looks like. */
export const SECRET_PATTERN = '^[A-Za-z0-9_-]{43}$';

/** A device's secret: 256 random bits as base64url. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * What is stored of a secret: its SHA-256 as base64url. A slow hash protects guessable passwords; 256 random bits need
 * none, and a reconnect of the whole fleet stays cheap.
 */
export function hashOfSecret(secret: string | Uint8Array): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** True if the secret has this hash; takes the same time whichever byte differs. */
export function isSecret(secret: string | Uint8Array, hash: string): boolean {
  const given = createHash('sha256').update(secret).digest();
  const stored = Buffer.from(hash, 'base64url');
  return stored.length === given.length && timingSafeEqual(given, stored);
}
