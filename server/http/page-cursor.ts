import { JamesError } from '../../proto/errors.ts';

/** An opaque cursor: the place after which the next page begins. */
export function encodeCursor(place: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** The place that `encodeCursor` made a cursor of. Throws `bad-request` for anything else. */
export function decodeCursor(cursor: string): (string | number)[] {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(place) && place.every((part) => ['string', 'number'].includes(typeof part))) {
      return place;
    }
  } catch {
    // said below
  }
  throw new JamesError('bad-request', 'The cursor is not one that this server gave out.');
}
