import { JamesError } from '../../../proto/errors.ts';
import { type BitReader, createBitReader } from './bit-reader.ts';
import { createHuffmanTable, type HuffmanTable } from './huffman-table.ts';

/*
 * bzip2: a stream is `BZh`, the block size in units of 100,000 bytes, blocks, and an end. A block is Huffman codes of
 * runs and move-to-front positions, which give a Burrows-Wheeler transformed text, which gives run-length coded bytes.
 */
const BLOCK_MAGIC = 0x314159265359;
const END_MAGIC = 0x177245385090;
const GROUP = 50;
const MAX_SELECTORS = 18_002;
const RUN_A = 0;
const RUN_B = 1;

/**
 * Decodes bzip2 (also several streams one after the other) and hands the bytes to `push` in pieces of at most 64 KiB,
 * which it may refuse by throwing. Throws `bad-index` for what is no bzip2 or has a wrong checksum.
 */
export function bunzip2(input: Uint8Array, push: (chunk: Uint8Array) => void): void {
  const bits = createBitReader(input, () => damaged('it is cut short'));
  do readStream(bits, push);
  while (bits.toNextByte());
}

function readStream(bits: BitReader, push: (chunk: Uint8Array) => void): void {
  if (bits.read(24) !== 0x425a68) throw damaged('it does not begin as bzip2');
  const level = bits.read(8) - 0x30;
  if (level < 1 || level > 9) throw damaged('its block size is none');
  const text = new Uint32Array(level * 100_000);
  let combined = 0;
  for (;;) {
    const magic = bits.read(24) * 0x1000000 + bits.read(24);
    const checksum = bits.read(32);
    if (magic === END_MAGIC) {
      if (checksum !== combined) throw damaged('its checksum does not match');
      return;
    }
    if (magic !== BLOCK_MAGIC) throw damaged('a block does not begin as one');
    const found = readBlock(bits, text, push);
    if (found !== checksum) throw damaged('the checksum of a block does not match');
    combined = (((combined << 1) | (combined >>> 31)) ^ checksum) >>> 0;
  }
}

/** Decodes one block; returns its checksum. */
function readBlock(bits: BitReader, text: Uint32Array, push: (chunk: Uint8Array) => void): number {
  if (bits.read(1) !== 0) throw damaged('it is of a kind that is not written any more');
  const origin = bits.read(24);
  const alphabet = readAlphabet(bits);
  const tables = readTables(bits, alphabet.length + 2);
  const counts = new Uint32Array(256);
  const length = readSymbols(bits, { ...tables, alphabet, text, counts });
  if (origin >= length) throw damaged('a block begins beyond its end');
  linkText(text, length, counts);
  return writeRuns(text, length, origin, push);
}

/** The bytes that occur, from a map of which ranges of 16 and which bytes of these are used. */
function readAlphabet(bits: BitReader): number[] {
  const ranges = bits.read(16);
  const used: number[] = [];
  for (let range = 0; range < 16; range += 1) {
    if (((ranges >> (15 - range)) & 1) === 0) continue;
    const map = bits.read(16);
    for (let low = 0; low < 16; low += 1)
      if (((map >> (15 - low)) & 1) === 1) used.push(range * 16 + low);
  }
  if (used.length === 0) throw damaged('a block has no bytes');
  return used;
}

interface Tables {
  tables: HuffmanTable[];
  /** Which table decodes each group of 50 symbols. */
  selectors: Uint8Array;
}

function readTables(bits: BitReader, symbols: number): Tables {
  const count = bits.read(3);
  const selectorCount = bits.read(15);
  if (count < 2 || count > 6 || selectorCount === 0) throw damaged('a block has no tables');
  const order = Array.from({ length: count }, (_, index) => index);
  const selectors = new Uint8Array(Math.min(selectorCount, MAX_SELECTORS));
  for (let index = 0; index < selectorCount; index += 1) {
    let position = 0;
    while (bits.read(1) === 1) position += 1;
    if (position >= count) throw damaged('a selector names no table');
    const [table = 0] = order.splice(position, 1);
    order.unshift(table);
    if (index < MAX_SELECTORS) selectors[index] = table;
  }
  const tables = Array.from({ length: count }, () =>
    createHuffmanTable(readLengths(bits, symbols), () => damaged('a code is none')),
  );
  return { tables, selectors };
}

/** Code lengths, each as its difference from the one before. */
function readLengths(bits: BitReader, symbols: number): Uint8Array {
  const lengths = new Uint8Array(symbols);
  let length = bits.read(5);
  for (let symbol = 0; symbol < symbols; symbol += 1) {
    while (bits.read(1) === 1) {
      length += bits.read(1) === 0 ? 1 : -1;
      if (length < 1 || length > 20) throw damaged('a code is too long');
    }
    if (length < 1 || length > 20) throw damaged('a code is too long');
    lengths[symbol] = length;
  }
  return lengths;
}

interface Symbols extends Tables {
  alphabet: number[];
  text: Uint32Array;
  counts: Uint32Array;
}

/** Undoes Huffman codes, runs and move-to-front; fills `text` and `counts`, returns the length of the text. */
function readSymbols(bits: BitReader, given: Symbols): number {
  const { tables, selectors, alphabet, text, counts } = given;
  const end = alphabet.length + 1;
  const order = Uint8Array.from(alphabet);
  let length = 0;
  let run = 0;
  let weight = 1;
  const endRun = (): void => {
    const byte = order[0] ?? 0;
    if (length + run > text.length) throw damaged('a block is larger than it may be');
    text.fill(byte, length, length + run);
    counts[byte] = (counts[byte] ?? 0) + run;
    length += run;
    run = 0;
    weight = 1;
  };
  for (let group = 0; ; group += 1) {
    const table = tables[selectors[group] ?? 0];
    if (!table || group >= selectors.length) throw damaged('a block has no end');
    for (let index = 0; index < GROUP; index += 1) {
      const symbol = table.read(bits);
      if (symbol === RUN_A || symbol === RUN_B) {
        run += weight * (symbol + 1);
        weight *= 2;
        if (run > text.length) throw damaged('a run is longer than its block');
        continue;
      }
      if (run > 0) endRun();
      if (symbol === end) return length;
      if (length >= text.length) throw damaged('a block is larger than it may be');
      const byte = order[symbol - 1] ?? 0;
      order.copyWithin(1, 0, symbol - 1);
      order[0] = byte;
      text[length] = byte;
      counts[byte] = (counts[byte] ?? 0) + 1;
      length += 1;
    }
  }
}

/** Undoes the Burrows-Wheeler transform: the upper 24 bits of each entry become the place of the byte that follows. */
function linkText(text: Uint32Array, length: number, counts: Uint32Array): void {
  const starts = new Uint32Array(256);
  let sum = 0;
  for (let byte = 0; byte < 256; byte += 1) {
    starts[byte] = sum;
    sum += counts[byte] ?? 0;
  }
  for (let at = 0; at < length; at += 1) {
    const byte = (text[at] ?? 0) & 0xff;
    const place = starts[byte] ?? 0;
    starts[byte] = place + 1;
    text[place] = (text[place] ?? 0) | (at << 8);
  }
}

/** Walks the text, undoes its runs (four equal bytes, then how many more) and hands out the bytes; returns their checksum. */
function writeRuns(
  text: Uint32Array,
  length: number,
  origin: number,
  push: (chunk: Uint8Array) => void,
): number {
  let chunk = new Uint8Array(65_536);
  let filled = 0;
  let crc = 0xffffffff;
  const write = (byte: number): void => {
    if (filled === chunk.length) {
      push(chunk);
      chunk = new Uint8Array(65_536);
      filled = 0;
    }
    chunk[filled] = byte;
    filled += 1;
    crc = (crc << 8) ^ (CRC[(crc >>> 24) ^ byte] ?? 0);
  };
  let entry = (text[origin] ?? 0) >>> 8;
  let same = 0;
  let last = -1;
  for (let index = 0; index < length; index += 1) {
    const word = text[entry] ?? 0;
    const byte = word & 0xff;
    entry = word >>> 8;
    if (same === 4) {
      for (let count = 0; count < byte; count += 1) write(last);
      same = 0;
      last = -1;
      continue;
    }
    same = byte === last ? same + 1 : 1;
    last = byte;
    write(byte);
  }
  if (filled > 0) push(chunk.subarray(0, filled));
  return ~crc >>> 0;
}

/** CRC-32 with the highest bit first, polynomial 0x04c11db7. */
const CRC = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc;
});

function damaged(problem: string): JamesError {
  return new JamesError('bad-index', `The bzip2 file is damaged: ${problem}.`);
}
