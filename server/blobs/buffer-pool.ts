/** Buffers that are used again and again: a fresh one of this size costs more than filling it. */
export interface BufferPool {
  /** Lends a buffer to `run` until that is done. */
  lend<T>(run: (buffer: Buffer) => Promise<T>): Promise<T>;
}

const KIB = 1024;
/** The more are lent at once, the smaller they are, so that many slow readers do not fill the memory. */
const SIZES = [
  { upTo: 64, bytes: 512 * KIB },
  { upTo: 1024, bytes: 64 * KIB },
  { upTo: Number.POSITIVE_INFINITY, bytes: 16 * KIB },
];

export function createBufferPool(): BufferPool {
  /** Of the largest size only; at most as many as are lent of it at once. */
  const idle: Buffer[] = [];
  let lent = 0;

  function take(): Buffer {
    const bytes = SIZES.find(({ upTo }) => lent <= upTo)?.bytes ?? KIB;
    return (bytes === SIZES[0]?.bytes && idle.pop()) || Buffer.allocUnsafeSlow(bytes);
  }

  return {
    async lend(run) {
      lent += 1;
      const buffer = take();
      try {
        return await run(buffer);
      } finally {
        lent -= 1;
        if (buffer.length === SIZES[0]?.bytes && idle.length < SIZES[0].upTo) idle.push(buffer);
      }
    },
  };
}
