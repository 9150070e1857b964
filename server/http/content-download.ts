import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { JamesError } from '../../proto/errors.ts';
import { matchesTag, parseRange } from './byte-range.ts';

/** Immutable content that is to be sent; `open` gives its bytes, undefined if they are gone. */
export interface Content {
  /** Strong entity tag, with its quotes. */
  tag: string;
  size: number;
  open(range: { start: number; end: number }): Promise<Readable | undefined>;
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
  const stream = await content.open({ start, end });
  if (!stream) throw new JamesError('not-found', 'The content is gone.');
  return reply.send(stream);
}
