import type { Page } from '../../../proto/api.ts';
import { JamesError } from '../../../proto/errors.ts';

/** How many items a list has unless the request says otherwise. */
const DEFAULT_LIMIT = 100;

export function limitOf(query: { limit?: number }): number {
  return query.limit ?? DEFAULT_LIMIT;
}

/** The cursor of a list that is ordered by falling numbers. Throws `bad-request`. */
export function numberCursor(query: { cursor?: string }): { before?: number } {
  if (query.cursor === undefined) return {};
  if (/^\d{1,15}$/.test(query.cursor)) return { before: Number(query.cursor) };
  throw new JamesError('bad-request', 'The cursor is none that this list gave. Leave it out.');
}

/** A page of a list that was read up to one item past the limit. */
export function pageOf<Item>(
  items: readonly Item[],
  limit: number,
  cursorOf: (item: Item) => string,
): Page<Item> {
  const shown = items.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown, next: items.length > limit && last ? cursorOf(last) : null };
}
