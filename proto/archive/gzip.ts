import { Gzip } from 'fflate';

/** Input is handed to the compressor in pieces of this size, whatever pieces it came in, so its output is always the same. */
const PIECE = 64 * 1024;

/**
 * A gzip member (RFC 1952) of the bytes, with time 0, by a JavaScript deflate with every setting pinned: the same bytes in
 * give the same bytes out on every machine, which zlib does not promise between its builds.
 */
export async function* gzip(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const ready: Uint8Array[] = [];
  const compressor = new Gzip({ level: 6, mem: 8, mtime: 0 }, (chunk) => ready.push(chunk));
  for await (const piece of pieces(content)) {
    compressor.push(piece, false);
    yield* ready.splice(0);
  }
  compressor.push(new Uint8Array(0), true);
  yield* ready;
}

async function* pieces(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let piece = new Uint8Array(PIECE);
  let filled = 0;
  for await (const chunk of content) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + PIECE - filled);
      piece.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < PIECE) continue;
      yield piece;
      piece = new Uint8Array(PIECE);
      filled = 0;
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
}
