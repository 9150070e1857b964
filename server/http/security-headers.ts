import type { FastifyReply } from 'fastify';

/** The page loads only what this server serves, talks only to it, and stands in no frame. */
const PAGE_POLICY = [
  "default-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const API_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox";

/** Sets the headers that keep a browser from doing more with an answer than was meant. */
export function addSecurityHeaders(reply: FastifyReply, api: boolean): void {
  reply.header('content-security-policy', api ? API_POLICY : PAGE_POLICY);
  reply.header('x-content-type-options', 'nosniff');
  reply.header('referrer-policy', 'no-referrer');
  if (api) reply.header('cache-control', 'no-store');
}
