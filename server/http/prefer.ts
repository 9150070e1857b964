/** Longest time that a request may ask to wait. */
const MAX_WAIT_S = 300;

/**
 * The seconds of the `wait` preference (RFC 7240 section 4.3), at most 300; null if it is not stated or not understood:
 * a preference that cannot be honoured is ignored.
 */
export function waitPreference(header: string | string[] | undefined): number | null {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '');
  for (const preference of text.slice(0, 1024).split(',')) {
    const [, seconds] = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:;|$)/i.exec(preference) ?? [];
    if (seconds !== undefined) return Math.min(Number(seconds), MAX_WAIT_S);
  }
  return null;
}

/** True if `If-None-Match` (RFC 9110 section 13.1.2) names the entity tag, by weak comparison. */
export function noneMatchNames(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  const tags = header.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.some((tag) => tag.replace(/^W\//, '') === etag.replace(/^W\//, ''));
}
