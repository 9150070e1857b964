import { canonicalJson } from '../../proto/canonical-json.ts';
import type { Source } from '../../proto/source.ts';
import { contentDigest } from './content-digest.ts';

/** Grows when what is read from the same files becomes another universe. */
const READING = 1;

/**
 * Identifies what of a document decides which universes a source has. Fields that only say for whom the source is, or
 * how it is reached, are no part of it.
 */
export function fingerprintOf(source: Source, archs: readonly string[]): string {
  const { type, url, rawUrl, suite, components, signedBy, trusted } = source;
  const parts = {
    type,
    url,
    rawUrl,
    suite,
    components,
    signedBy,
    trusted,
    archs,
    reading: READING,
  };
  const given = Object.entries(parts).filter(([, value]) => value !== undefined);
  return contentDigest(Buffer.from(canonicalJson(Object.fromEntries(given))));
}
