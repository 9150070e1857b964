import type { BitReader } from './bit-reader.ts';

/** A canonical Huffman code. */
export interface HuffmanTable {
  /** The next symbol. */
  read(bits: BitReader): number;
}

const MAX_LENGTH = 20;

/** The code whose symbols have these lengths (1 to 20 bits); throws what `bad` makes on bits that are no code. */
export function createHuffmanTable(lengths: Uint8Array, bad: () => Error): HuffmanTable {
  const counts = new Uint32Array(MAX_LENGTH + 2);
  for (const length of lengths) counts[length] = (counts[length] ?? 0) + 1;
  const symbols = Uint16Array.from(lengths.keys()).sort(
    (a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0) || a - b,
  );
  return {
    read(bits) {
      let code = 0;
      let first = 0;
      let index = 0;
      for (let length = 1; length <= MAX_LENGTH; length += 1) {
        code = (code << 1) | bits.read(1);
        const count = counts[length] ?? 0;
        if (code - first < count) return symbols[index + code - first] ?? 0;
        index += count;
        first = (first + count) << 1;
      }
      throw bad();
    },
  };
}
