import type { Page } from '../../proto/api.ts';
import { JamesError } from '../../proto/errors.ts';

/** How many items a list has unless the request says otherwise. */
const DEFAULT_LIMIT = 100;

export function limitOf(query: { limit?: number }): number {
  return query.limit ?? DEFAULT_LIMIT;
}

/** The id after which a list that is ordered by id goes on; empty at its beginning. Throws `bad-request`. */
export function idCursor(query: { cursor?: string }): string {
  const [after = ''] = query.cursor === undefined ? [] : decodeCursor(query.cursor);
  return String(after);
}

/** The number below which a list that is ordered by falling numbers goes on. Throws `bad-request`. */
export function numberCursor(query: { cursor?: string }): { before?: number } {
  if (query.cursor === undefined) return {};
  const [before] = decodeCursor(query.cursor);
  if (typeof before === 'number') return { before };
  throw new JamesError('bad-request', 'The cursor is not one that this list gave out.');
}

/** A page of a list that was read up to one item past the limit. */
export function pageOf<Item>(
  items: readonly Item[],
  limit: number,
  placeOf: (item: Item) => string | number,
): Page<Item> {
  const shown = items.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown,
    next: items.length > limit && last ? encodeCursor([placeOf(last)]) : null,
  };
}

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
