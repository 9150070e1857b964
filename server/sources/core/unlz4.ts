/** What a frame may not be: bytes beyond its end, a match before its beginning, an unknown version. */
const DAMAGED = 'no whole lz4 frame';
const MATCH_LEAST = 4;
const WINDOW = 65_536;

/**
 * Decodes lz4 frames (lz4_Frame_format.md), one after the other, as apt keeps its lists. Blocks may refer to the one
 * before. `push` gets each block. Checksums are passed over: who needs proof has a digest of the content. Throws for
 * what is no whole frame.
 */
export function unlz4(input: Uint8Array, push: (chunk: Uint8Array) => void): void {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  let at = 0;
  while (at < input.length) at = readFrame(input, view, at, push);
}

interface Flags {
  blockChecksum: boolean;
  contentChecksum: boolean;
  largestBlock: number;
  /** Where the blocks begin. */
  blocks: number;
}

function readFrame(
  input: Uint8Array,
  view: DataView,
  start: number,
  push: (chunk: Uint8Array) => void,
): number {
  const flags = readHeader(input, view, start);
  let history = new Uint8Array(0);
  let at = flags.blocks;
  for (;;) {
    const word = view.getUint32(at, true);
    at += 4;
    if (word === 0) return at + (flags.contentChecksum ? 4 : 0);
    const size = word & 0x7fffffff;
    if (at + size > input.length) throw new Error(DAMAGED);
    const block = input.subarray(at, at + size);
    const isPlain = word >>> 31 === 1;
    const chunk = isPlain ? block.slice() : decodeBlock(block, history, flags.largestBlock);
    push(chunk);
    history = lastWindow(history, chunk);
    at += size + (flags.blockChecksum ? 4 : 0);
  }
}

function readHeader(input: Uint8Array, view: DataView, start: number): Flags {
  if (view.getUint32(start, true) !== 0x184d2204) throw new Error(DAMAGED);
  const flag = input[start + 4] ?? 0;
  const size = ((input[start + 5] ?? 0) >> 4) & 7;
  if (flag >> 6 !== 1 || size < 4) throw new Error(DAMAGED);
  const contentSize = (flag & 8) === 0 ? 0 : 8;
  const dictionary = (flag & 1) === 0 ? 0 : 4;
  return {
    blockChecksum: (flag & 16) !== 0,
    contentChecksum: (flag & 4) !== 0,
    largestBlock: 1 << (8 + 2 * size),
    blocks: start + 7 + contentSize + dictionary,
  };
}

function lastWindow(history: Uint8Array, chunk: Uint8Array): Uint8Array<ArrayBuffer> {
  if (chunk.length >= WINDOW) return chunk.slice(chunk.length - WINDOW);
  const both = new Uint8Array(history.length + chunk.length);
  both.set(history);
  both.set(chunk, history.length);
  return both.slice(Math.max(0, both.length - WINDOW));
}

/** A block is a row of literals and copies of what came before (lz4_Block_format.md). */
function decodeBlock(block: Uint8Array, history: Uint8Array, largest: number): Uint8Array {
  const out = new Uint8Array(history.length + largest);
  out.set(history);
  let to = history.length;
  let at = 0;
  const length = (nibble: number): number => {
    let sum = nibble;
    for (let more = nibble === 15; more; ) {
      const byte = block[at++];
      if (byte === undefined) throw new Error(DAMAGED);
      sum += byte;
      more = byte === 255;
    }
    return sum;
  };
  while (at < block.length) {
    const token = block[at++] as number;
    const literals = length(token >> 4);
    if (at + literals > block.length || to + literals > out.length) throw new Error(DAMAGED);
    out.set(block.subarray(at, at + literals), to);
    at += literals;
    to += literals;
    if (at === block.length) break;
    const offset = (block[at] ?? 0) | ((block[at + 1] ?? 0) << 8);
    at += 2;
    const count = length(token & 15) + MATCH_LEAST;
    if (offset === 0 || offset > to || to + count > out.length) throw new Error(DAMAGED);
    copyWithin(out, to - offset, to, count);
    to += count;
  }
  return out.slice(history.length, to);
}

/** The copy may overlap what it writes: then it repeats. */
function copyWithin(out: Uint8Array, from: number, to: number, count: number): void {
  if (from + count <= to) out.copyWithin(to, from, from + count);
  else for (let index = 0; index < count; index += 1) out[to + index] = out[from + index] as number;
}
