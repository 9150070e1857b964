import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { JamesError } from '../../proto/errors.ts';
import { matchesTag, parseRange } from './byte-range.ts';

/** Immutable content that is to be sent. */
export interface Content {
  /** Strong entity tag, with its quotes. */
  tag: string;
  size: number;
  /** As `BlobStore.pour`. */
  pour(
    range: { start: number; end: number },
    take: (piece: Uint8Array) => Promise<void>,
  ): Promise<boolean>;
}

/**
 * Answers GET and HEAD for immutable content: the whole, one range (206), 304, or 416, by `Range`, `If-Range` and
 * `If-None-Match` (RFC 9110, 13 and 14).
 */
export async function sendContent(
  request: FastifyRequest,
  reply: FastifyReply,
  content: Content,
): Promise<FastifyReply> {
  const { headers } = request;
  reply.header('etag', content.tag).header('accept-ranges', 'bytes');
  reply.header('cache-control', 'private, max-age=31536000, immutable');
  if (matchesTag(headers['if-none-match'], content.tag)) return reply.code(304).send();
  const rangeHolds = headers['if-range'] === undefined || headers['if-range'] === content.tag;
  const range = rangeHolds ? parseRange(headers.range, content.size) : null;
  if (range === 'unsatisfiable') {
    reply.header('content-range', `bytes */${content.size}`);
    const detail = `The content has ${content.size} bytes; the range lies outside.`;
    throw new JamesError('range-not-satisfiable', detail, { members: { size: content.size } });
  }
  const { start, end } = range ?? { start: 0, end: content.size - 1 };
  if (range) reply.code(206).header('content-range', `bytes ${start}-${end}/${content.size}`);
  reply.type('application/octet-stream').header('content-length', end - start + 1);
  if (request.method === 'HEAD' || content.size === 0) return reply.send();
  reply.hijack();
  await pourInto(reply, content, { start, end });
  return reply;
}

/** Sends the head with the first piece, then piece by piece as fast as the client takes them. */
async function pourInto(
  reply: FastifyReply,
  content: Content,
  range: { start: number; end: number },
): Promise<void> {
  const { raw } = reply;
  raw.writeHead(reply.statusCode, reply.getHeaders() as Record<string, string>);
  const closed = new Promise<never>((_resolve, reject) => {
    raw.once('close', () => reject(new Error('the client went away')));
  });
  closed.catch(() => undefined);
  try {
    const whole = await content.pour(range, (piece) => Promise.race([write(raw, piece), closed]));
    if (whole) raw.end();
    else raw.destroy();
  } catch {
    raw.destroy();
  }
}

function write(raw: ServerResponse, piece: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    raw.write(piece, (error) => (error ? reject(error) : resolve()));
  });
}
