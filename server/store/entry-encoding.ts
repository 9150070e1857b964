import type { Entry } from './store.ts';

/** An entry's value as it lies in the database: its revision in decimal, a line feed, the JSON text. */
export function encodeValue(revision: number, value: string): string {
  return `${revision}\n${value}`;
}

/** The entry of a key from what `encodeValue` made. */
export function decodeEntry(key: string, encoded: string): Entry {
  const end = encoded.indexOf('\n');
  return { key, value: encoded.slice(end + 1), revision: Number(encoded.slice(0, end)) };
}
