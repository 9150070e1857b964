import { hash } from 'node:crypto';
import { canonicalJson } from '../../proto/canonical-json.ts';

/** The same as `digestOf` of `proto/digest.ts`, by the platform's own SHA-256: many times faster for long values. */
export function nativeDigestOf(value: unknown): string {
  return `sha256:${hash('sha256', canonicalJson(value), 'hex')}`;
}
