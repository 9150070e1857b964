import type { WantedPacket } from '../../proto/desired.ts';
import { JamesError } from '../../proto/errors.ts';
import type { Files } from '../system/files.ts';
import { problemOf, retryAfterMs } from '../transports/http-answers.ts';
import type { HttpAnswer, HttpClient } from '../transports/http-client.ts';
import { appendTo, emptyPartial, type PartialFile } from './partial-file.ts';

/** A download, from one try to the next. */
export interface Attempt {
  packet: WantedPacket;
  file: PartialFile;
  /** The entity tag of what is on disk, as far as this process knows it. */
  etag: string | null;
  /** Bytes that may still be received. */
  budget: number;
  onBytes: (done: number, total: number) => void;
  signal: AbortSignal;
}

/** Why a try did not complete the content, though the next one may; `waitMs` is what the server asked for. */
export interface Trouble {
  error: JamesError;
  waitMs: number | null;
}

/** Answers after which another try is of no use. */
const FINAL: readonly number[] = [400, 401, 403, 404, 405, 410];
const MAX_PROBLEM_BYTES = 64 * 1024;

/**
 * One request for what is missing (Range, RFC 9110 section 14). Null: all bytes are on disk. Throws what is final: a
 * refusal, wrong sizes, no space, the signal's reason.
 */
export async function attemptDownload(
  deps: { http: HttpClient; files: Files; timeoutMs?: number },
  attempt: Attempt,
): Promise<Trouble | null> {
  try {
    const answer = await deps.http.request({
      method: 'GET',
      url: attempt.packet.url,
      headers: rangeHeaders(attempt),
      timeoutMs: deps.timeoutMs ?? 30_000,
      signal: attempt.signal,
    });
    if (answer.status !== 200 && answer.status !== 206) return await refused(deps, attempt, answer);
    await receive(deps.files, attempt, answer).finally(() => answer.discard());
    if (attempt.file.bytes === attempt.packet.size) return null;
    return { error: failed(attempt, 'the answer was too short'), waitMs: null };
  } catch (error) {
    attempt.signal.throwIfAborted();
    if (!(error instanceof JamesError) || error.code !== 'server-unreachable') throw error;
    return { error: failed(attempt, error.message, error), waitMs: null };
  }
}

function rangeHeaders({ file, etag }: Attempt): Record<string, string> {
  if (file.bytes === 0) return { 'accept-encoding': 'identity' };
  return {
    'accept-encoding': 'identity',
    range: `bytes=${file.bytes}-`,
    ...(etag !== null && { 'if-range': etag }),
  };
}

async function receive(files: Files, attempt: Attempt, answer: HttpAnswer): Promise<void> {
  const { packet, file } = attempt;
  const range = answer.status === 206 ? contentRange(answer) : null;
  if (range === null || range.start !== file.bytes) await emptyPartial(files, file);
  if (range !== null && range.start !== file.bytes)
    throw failed(attempt, 'the server sent another range');
  const total = range === null ? lengthOf(answer) : range.total;
  if (total !== null && total !== packet.size)
    throw mismatch(attempt, `the server has ${total} bytes`);
  attempt.etag = answer.headers.etag ?? null;
  await appendTo(files, file, answer.body, (bytes) => {
    attempt.budget -= bytes;
    if (attempt.budget < 0) throw failed(attempt, 'too many bytes were received in vain');
    if (file.bytes + bytes > packet.size) throw mismatch(attempt, 'the server sends more');
    attempt.onBytes(file.bytes + bytes, packet.size);
  });
}

/** What an answer without content means: an error, or another try. */
async function refused(
  deps: { http: HttpClient; files: Files },
  attempt: Attempt,
  answer: HttpAnswer,
): Promise<Trouble> {
  const content = await drain(answer);
  const problem = problemOf({ status: answer.status, content });
  if (FINAL.includes(answer.status)) {
    if (answer.status === 404 || answer.status === 410)
      throw new JamesError('not-found', `${attempt.packet.name}: ${problem.message}`);
    throw failed(attempt, problem.message, problem);
  }
  if (answer.status === 416) await emptyPartial(deps.files, attempt.file);
  return { error: failed(attempt, problem.message, problem), waitMs: retryAfterMs(answer) };
}

/** The first bytes of a body that nobody needs; the connection is given up if there are more. */
async function drain(answer: HttpAnswer): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of answer.body) {
    pieces.push(piece);
    length += piece.length;
    if (length > MAX_PROBLEM_BYTES) break;
  }
  return Buffer.concat(pieces);
}

/** `Content-Range: bytes START-END/TOTAL`, RFC 9110 section 14.4; null if it is not that. */
function contentRange(answer: HttpAnswer): { start: number; total: number } | null {
  const match = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.headers['content-range'] ?? '');
  return match ? { start: Number(match[1]), total: Number(match[2]) } : null;
}

function lengthOf(answer: HttpAnswer): number | null {
  const text = answer.headers['content-length'];
  return text === undefined ? null : Number(text);
}

function failed({ packet }: Attempt, sentence: string, cause?: unknown): JamesError {
  return new JamesError(
    'download-failed',
    `The download of ${packet.name} failed: ${sentence.replace(/\.$/, '')}.`,
    { cause },
  );
}

function mismatch({ packet }: Attempt, sentence: string): JamesError {
  return new JamesError(
    'digest-mismatch',
    `${packet.name} should have ${packet.size} bytes, but ${sentence}; upload the packet again.`,
  );
}
