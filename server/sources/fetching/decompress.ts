import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { Decompress } from 'fzstd';
import xz from 'xz-decompress';
import { JamesError } from '../../../proto/errors.ts';
import { bunzip2 } from '../core/bunzip2.ts';
import { type ByteSink, createByteSink, tooLarge } from '../core/byte-sink.ts';
import { unlz4 } from '../core/unlz4.ts';
import { hasSha256Checks, withoutSha256 } from '../core/xz-blocks.ts';

/** A decoder takes compressed bytes and fills a sink, which throws when it is full. */
type Decoder = (bytes: Uint8Array, sink: ByteSink, maxBytes: number, what: string) => unknown;

/** Formats by the bytes that they begin with; none of them begins a text. */
const formats: readonly { name: string; magic: readonly number[]; decode: Decoder }[] = [
  { name: 'gzip', magic: [0x1f, 0x8b], decode: gunzip },
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], decode: unxz },
  { name: 'zstd', magic: [0x28, 0xb5, 0x2f, 0xfd], decode: unzstd },
  { name: 'bzip2', magic: [0x42, 0x5a, 0x68], decode: (bytes, sink) => bunzip2(bytes, sink.push) },
  {
    name: 'lz4',
    magic: [0x04, 0x22, 0x4d, 0x18],
    decode: (bytes, sink) => unlz4(bytes, sink.push),
  },
];

/** Endings of names that a decoder is there for, those first that cost least. */
export const compressedEndings = ['.gz', '.zst', '.xz', '.bz2'] as const;

/**
 * The content of a file that may be compressed (its first bytes say how). Throws `too-large` as soon as more than
 * `maxBytes` come out, and `bad-index` for what cannot be decoded. `what` names the file in errors.
 */
export async function decompress(
  bytes: Uint8Array,
  maxBytes: number,
  what: string,
): Promise<Uint8Array> {
  const format = formats.find(({ magic }) => magic.every((byte, index) => bytes[index] === byte));
  if (!format) {
    if (bytes.length > maxBytes) throw tooLarge(what, maxBytes);
    return bytes;
  }
  const sink = createByteSink(maxBytes, what);
  try {
    await format.decode(bytes, sink, maxBytes, what);
  } catch (cause) {
    if (cause instanceof JamesError) throw cause;
    throw new JamesError('bad-index', `${what} is damaged: it is no whole ${format.name} file.`, {
      cause,
    });
  }
  return sink.bytes();
}

function gunzip(bytes: Uint8Array, sink: ByteSink, maxBytes: number, what: string): void {
  try {
    // One more than allowed, so that the sink is the one that refuses.
    sink.push(gunzipSync(bytes, { maxOutputLength: maxBytes + 1 }));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') throw cause;
    throw tooLarge(what, maxBytes);
  }
}

/** Small pieces: what one of them can become stays small. */
const PIECE = 16_384;

/** The decoder knows the checks CRC32 and CRC64, not SHA-256: that one is compared here. */
async function unxz(
  bytes: Uint8Array,
  sink: ByteSink,
  maxBytes: number,
  what: string,
): Promise<void> {
  if (!hasSha256Checks(bytes)) return unxzStream(bytes, sink);
  const unchecked = withoutSha256(bytes);
  if (unchecked === null) throw new Error('its index does not describe it');
  const own = createByteSink(maxBytes, what);
  await unxzStream(unchecked.bytes, own);
  const content = own.bytes();
  let at = 0;
  for (const { length, sha256 } of unchecked.blocks) {
    const block = content.subarray(at, at + length);
    if (!createHash('sha256').update(block).digest().equals(sha256))
      throw new Error('the SHA-256 of a block differs');
    at += length;
  }
  if (at !== content.length) throw new Error('it has more than its index says');
  sink.push(content);
}

async function unxzStream(bytes: Uint8Array, sink: ByteSink): Promise<void> {
  let at = 0;
  const input = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, at + PIECE));
      at += PIECE;
    },
  });
  const reader = new xz.XzReadableStream(input).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      sink.push(value.slice());
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** RFC 8878, 3.1.1.1.2: a decoder may refuse a window that is larger than it can keep. */
const MAX_WINDOW = 128 * 1024 ** 2;

function unzstd(bytes: Uint8Array, sink: ByteSink, maxBytes: number, what: string): void {
  if (zstdWindow(bytes) > Math.max(MAX_WINDOW, maxBytes)) throw tooLarge(what, maxBytes);
  let ended = false;
  const decoder = new Decompress((chunk, final) => {
    if (chunk.length > 0) sink.push(chunk.slice());
    ended ||= final === true;
  });
  for (let at = 0; at < bytes.length; at += PIECE)
    decoder.push(bytes.subarray(at, at + PIECE), at + PIECE >= bytes.length);
  if (!ended) throw new Error('cut short');
}

/** The window of the first frame in bytes, 0 where the frame is one segment. */
function zstdWindow(bytes: Uint8Array): number {
  const isSingle = ((bytes[4] ?? 0) & 0x20) !== 0;
  const descriptor = bytes[5] ?? 0;
  if (isSingle) return 0;
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}
