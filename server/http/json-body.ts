import type { Readable } from 'node:stream';
import type { Clock } from '../../proto/clock.ts';
import { JamesError } from '../../proto/errors.ts';
import { parseJson } from '../../proto/json.ts';

export interface JsonBodyLimits {
  maxBytes: number;
  /** The whole body must be here within this time, however slowly it drips. */
  maxMs: number;
}

/**
 * The JSON value of a request's body. Throws `too-large`, `bad-request` if it does not come to its end in time, and
 * `bad-json` or `duplicate-key` for text that is not UTF-8 or not JSON. An empty body is undefined.
 */
export async function readJsonBody(
  body: Readable,
  contentLength: string | undefined,
  limits: JsonBodyLimits,
  clock: Clock,
): Promise<unknown> {
  if (Number(contentLength ?? 0) > limits.maxBytes) throw tooLarge(limits.maxBytes);
  const cancel = clock.after(limits.maxMs, () => body.destroy(tooSlow()));
  try {
    const text = decode(await collect(body, limits.maxBytes));
    return text === '' ? undefined : parseJson(text);
  } finally {
    cancel();
  }
}

async function collect(body: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    body.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) reject(tooLarge(maxBytes));
      else chunks.push(chunk);
    });
    body.on('end', () => resolve(Buffer.concat(chunks)));
    body.on('error', reject);
    body.on('close', () => reject(tooSlow()));
  });
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new JamesError('bad-json', 'The body is not UTF-8.', { cause });
  }
}

function tooLarge(maxBytes: number): JamesError {
  return new JamesError('too-large', `The body is larger than ${maxBytes} bytes.`);
}

function tooSlow(): JamesError {
  return new JamesError('bad-request', 'The body did not come to its end in time.');
}
