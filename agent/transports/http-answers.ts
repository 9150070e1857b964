import { isErrorCode, JamesError } from '../../proto/errors.ts';
import type { HttpAnswer } from './http-client.ts';

const MAX_RETRY_AFTER_S = 600;

/** `Retry-After` in seconds (RFC 9110 section 10.2.3) as ms, at most ten minutes; null if there is none. */
export function retryAfterMs(answer: Pick<HttpAnswer, 'headers'>): number | null {
  const text = answer.headers['retry-after'];
  if (text === undefined || !/^\d{1,6}$/.test(text)) return null;
  return Math.min(Number(text), MAX_RETRY_AFTER_S) * 1000;
}

/** The error that a problem document (RFC 9457) or a bare status tells of. */
export function problemOf(answer: { status: number; content: Uint8Array }): JamesError {
  const shown = `The server answered ${answer.status}`;
  const problem = readProblem(answer.content);
  if (problem) return new JamesError(problem.code, `${shown}: ${problem.detail}`);
  if (answer.status === 401) return new JamesError('unauthenticated', `${shown}.`);
  if (answer.status >= 500 || answer.status === 429)
    return new JamesError('unavailable', `${shown}.`);
  return new JamesError(answer.status === 404 ? 'not-found' : 'bad-request', `${shown}.`);
}

/** Null for what is not the server's word, such as a proxy's page. */
function readProblem(content: Uint8Array): { code: JamesError['code']; detail: string } | null {
  try {
    const value = JSON.parse(Buffer.from(content).toString()) as Record<string, unknown>;
    return isErrorCode(value.code)
      ? { code: value.code, detail: String(value.detail).slice(0, 1000) }
      : null;
  } catch {
    return null;
  }
}
