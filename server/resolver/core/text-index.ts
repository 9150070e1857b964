import type { TextTable } from './text-table.ts';

/**
 * Finds the place of a text in a list of texts of a table, -1 if it is not there. Works on bytes: nothing is decoded, and
 * the index costs 8 to 16 bytes a text.
 */
export type TextIndex = (text: string) => number;

const EMPTY = -1;
const FIRST_BEYOND_ASCII = 128;

/** Over the texts with these ids, of which no two are equal. */
export function createTextIndex({ bytes, offsets }: TextTable, ids: Int32Array): TextIndex {
  const mask = slotsFor(ids.length) - 1;
  const slots = new Int32Array(mask + 1).fill(EMPTY);
  for (let place = 0; place < ids.length; place += 1) {
    const id = ids[place] as number;
    const end = offsets[id + 1] as number;
    let hash = FIRST_HASH;
    for (let at = offsets[id] as number; at < end; at += 1) hash = mix(hash, bytes[at] as number);
    let slot = finish(hash) & mask;
    while (slots[slot] !== EMPTY) slot = (slot + 1) & mask;
    slots[slot] = place;
  }

  const isAt = (place: number, text: string): boolean => {
    const id = ids[place] as number;
    const start = offsets[id] as number;
    if ((offsets[id + 1] as number) - start !== text.length) return false;
    for (let at = 0; at < text.length; at += 1)
      if (bytes[start + at] !== text.charCodeAt(at)) return false;
    return true;
  };

  return (given) => {
    const text = asBytes(given);
    let hash = FIRST_HASH;
    for (let at = 0; at < text.length; at += 1) hash = mix(hash, text.charCodeAt(at));
    let slot = finish(hash) & mask;
    for (; slots[slot] !== EMPTY; slot = (slot + 1) & mask)
      if (isAt(slots[slot] as number, text)) return slots[slot] as number;
    return -1;
  };
}

/** At least twice as many as texts, so that runs of taken slots stay short; a power of two. */
function slotsFor(count: number): number {
  let slots = 2;
  while (slots < count * 2) slots *= 2;
  return slots;
}

/** FNV-1a. */
const FIRST_HASH = 0x811c9dc5;
const mix = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x01000193);
/** The low bits choose the slot: the high ones have to count there as well. */
const finish = (hash: number): number => hash ^ (hash >>> 15);

/** A text whose codes are the bytes of the given one in UTF-8; ASCII is that already. */
function asBytes(text: string): string {
  for (let at = 0; at < text.length; at += 1)
    if (text.charCodeAt(at) >= FIRST_BEYOND_ASCII)
      return String.fromCharCode(...new TextEncoder().encode(text));
  return text;
}
