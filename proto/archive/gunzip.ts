import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, type Gunzip } from 'node:zlib';
import { JamesError } from '../errors.ts';
import { badPacket } from './archive-error.ts';
import type { PacketLimits } from './packet-limits.ts';

/**
 * The bytes that a gzip file (RFC 1952, one or several members) holds. Throws `bad-packet` if it is damaged, cut off or
 * followed by other bytes, `too-large` if it inflates beyond the limits, and the source's own errors unchanged.
 */
export async function* gunzip(
  content: AsyncIterable<Uint8Array>,
  limits: Pick<PacketLimits, 'archiveBytes' | 'ratio' | 'ratioFrom'>,
): AsyncGenerator<Uint8Array> {
  const source = { bytes: 0, ended: false };
  const unzip = createGunzip({ chunkSize: 64 * 1024 });
  const feeding = pipeline(Readable.from(counted(content, source)), unzip);
  feeding.catch(() => undefined);
  let inflated = 0;
  try {
    for await (const chunk of unzip as AsyncIterable<Uint8Array>) {
      inflated += chunk.length;
      const isBomb = inflated > limits.ratioFrom && inflated > source.bytes * limits.ratio;
      if (isBomb || inflated > limits.archiveBytes)
        throw new JamesError('too-large', 'The packet inflates to far more than its size allows.');
      yield chunk;
    }
  } catch (error) {
    throw isZlibError(error) ? badPacket(describe(error.code), error) : error;
  }
  refuseRest(source, unzip);
}

async function* counted(
  content: AsyncIterable<Uint8Array>,
  source: { bytes: number; ended: boolean },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    source.bytes += chunk.length;
    yield chunk;
  }
  source.ended = true;
}

function refuseRest(source: { bytes: number; ended: boolean }, unzip: Gunzip): void {
  if (source.ended && unzip.bytesWritten === source.bytes) return;
  throw badPacket('Other bytes follow the end of the compressed data.');
}

function isZlibError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && /^Z_/.test(String(error.code));
}

function describe(code: string): string {
  if (code === 'Z_BUF_ERROR') return 'The packet is cut off: the compressed data ends too early.';
  return 'The packet is not a gzip file, or it is damaged.';
}
