import type { FastifyReply } from 'fastify';
import { errorCatalogue, JamesError, toProblem } from '../../proto/errors.ts';
import type { Log } from '../../proto/log.ts';
import { StaleError } from '../store/store.ts';

/** The media type of a problem document, RFC 9457. */
export const PROBLEM_TYPE = 'application/problem+json';

/** Any error as one of the catalogue: fastify's own by what they mean, unknown ones as they are. */
export function toJamesError(error: unknown): unknown {
  if (error instanceof JamesError) return error;
  if (error instanceof StaleError) {
    return new JamesError('conflict', 'Someone else changed this at the same time; try again.');
  }
  const { statusCode = 500, message = '' } = error as { statusCode?: number; message?: string };
  if (statusCode === 413) return new JamesError('too-large', `${message}.`);
  if (statusCode === 415) {
    return new JamesError('unsupported-media-type', 'Send the body as application/json.');
  }
  if (statusCode >= 400 && statusCode < 500) {
    return new JamesError('bad-request', `The request is not understood: ${message}.`);
  }
  return error;
}

/** Answers with the problem document of an error, with the headers that its status asks for. */
export function sendProblem(reply: FastifyReply, failure: unknown, log: Log): FastifyReply {
  const error = toJamesError(failure);
  const problem = toProblem(error);
  if (problem.status >= 500 && problem.code === 'internal') {
    log.error(
      { err: failure, method: reply.request.method, url: reply.request.url },
      'A request failed.',
    );
  }
  // No Basic challenge: a browser would ask for a password in a window of its own.
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="jamesd"');
  if (errorCatalogue[problem.code].retryable && problem.status !== 500) {
    reply.header('retry-after', String(problem.retryAfter ?? 5));
  }
  return reply
    .code(problem.status)
    .header('cache-control', 'no-store')
    .type(PROBLEM_TYPE)
    .send(JSON.stringify(problem));
}
