import type { FastifyRequest } from 'fastify';
import { JamesError } from '../../proto/errors.ts';

/**
 * The body of an upload as it arrives, whatever its media type. Throws `too-large` at once if the announced length is
 * over the limit, and `bad-request` while reading if the connection breaks before the end.
 */
export function uploadStream(request: FastifyRequest, maxBytes: number): AsyncIterable<Uint8Array> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > maxBytes) {
    throw new JamesError('too-large', `The packet is larger than the limit of ${maxBytes} bytes.`);
  }
  return read(request);
}

async function* read(request: FastifyRequest): AsyncIterable<Uint8Array> {
  const { raw } = request;
  try {
    // Not destroyed with the loop: the answer of a refusal goes over the same connection.
    for await (const chunk of raw.iterator({ destroyOnReturn: false })) yield chunk as Uint8Array;
  } catch (cause) {
    throw cutOff(cause);
  }
}

function cutOff(cause: unknown): JamesError {
  const detail = 'The connection broke before the upload was complete; send it again.';
  return new JamesError('bad-request', detail, { cause });
}
