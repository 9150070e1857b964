/** Reads an exact number of bytes from chunks of any size. */
export interface ByteReader {
  /** Exactly `size` bytes, or fewer at the end of the source. */
  read(size: number): Promise<Uint8Array>;
  /** The next 1 to `most` bytes without copying, or null at the end. The bytes are valid until the next call. */
  some(most: number): Promise<Uint8Array | null>;
  /** Ends the source early. */
  close(): Promise<void>;
}

export function createByteReader(source: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = source[Symbol.asyncIterator]();
  let chunk: Uint8Array = new Uint8Array(0);
  let at = 0;

  async function refill(): Promise<boolean> {
    while (at >= chunk.length) {
      const next = await iterator.next();
      if (next.done) return false;
      chunk = next.value;
      at = 0;
    }
    return true;
  }

  const take = (most: number): Uint8Array => {
    const end = Math.min(chunk.length, at + most);
    const part = chunk.subarray(at, end);
    at = end;
    return part;
  };

  return {
    async read(size) {
      if (chunk.length - at >= size) return take(size);
      const all = new Uint8Array(size);
      let filled = 0;
      while (filled < size && (await refill())) {
        const part = take(size - filled);
        all.set(part, filled);
        filled += part.length;
      }
      return all.subarray(0, filled);
    },
    async some(most) {
      return (await refill()) ? take(most) : null;
    },
    async close() {
      await iterator.return?.();
    },
  };
}
