/** Reads bits, the highest of each byte first. */
export interface BitReader {
  /** The next `count` (1 to 32) bits as a number. Throws what `cut` makes at the end of the bytes. */
  read(count: number): number;
  /** Skips to the next whole byte; false at the end. */
  toNextByte(): boolean;
}

export function createBitReader(bytes: Uint8Array, cut: () => Error): BitReader {
  let at = 0;
  let held = 0;
  let value = 0;
  const some = (count: number): number => {
    while (held < count) {
      if (at >= bytes.length) throw cut();
      value = ((value << 8) | (bytes[at] ?? 0)) & 0x7fffffff;
      at += 1;
      held += 8;
    }
    held -= count;
    return (value >>> held) & ((1 << count) - 1);
  };
  return {
    read: (count) => (count <= 16 ? some(count) : some(count - 16) * 65_536 + some(16)),
    toNextByte() {
      held = 0;
      return at < bytes.length;
    },
  };
}
