import type { WantedPacket } from '../../proto/desired.ts';
import { JamesError } from '../../proto/errors.ts';
import type { Files } from '../system/files.ts';
import { problemOf, retryAfterMs } from '../transports/http-answers.ts';
import type { HttpAnswer, HttpClient } from '../transports/http-client.ts';
import { appendTo, emptyPartial, type PartialFile } from './partial-file.ts';
import type { Source } from './sources.ts';
import type { Throttle } from './throttle.ts';

/** A download, from one try to the next. */
export interface Attempt {
  packet: WantedPacket;
  file: PartialFile;
  /** Bytes that may still be received. */
  budget: number;
  onBytes: (done: number, total: number) => void;
  signal: AbortSignal;
}

/** Why a try did not complete the content; `waitMs` is what the server asked for. `final`: this source need not be asked again. */
export interface Trouble {
  error: JamesError;
  waitMs: number | null;
  final: boolean;
}

/** Answers after which another try is of no use. */
const FINAL: readonly number[] = [400, 401, 403, 404, 405, 410];
const MAX_PROBLEM_BYTES = 64 * 1024;

export interface AttemptDeps {
  http: HttpClient;
  files: Files;
  /** Bytes are taken in no faster than it allows. */
  throttle: Throttle;
  timeoutMs?: number;
}

/**
 * One request to a source for what is missing (Range, RFC 9110 section 14). Null: all bytes are on disk. Throws what no
 * source can help: no space, a used-up budget, the signal's reason.
 */
export async function attemptDownload(
  deps: AttemptDeps,
  attempt: Attempt,
  source: Source,
): Promise<Trouble | null> {
  try {
    const answer = await deps.http.request({
      method: 'GET',
      url: source.url,
      headers: rangeHeaders(attempt, source),
      timeoutMs: deps.timeoutMs ?? 30_000,
      signal: attempt.signal,
    });
    if (answer.status !== 200 && answer.status !== 206) return await refused(deps, attempt, answer);
    await receive(deps, attempt, source, answer).finally(() => answer.discard());
    if (attempt.file.bytes === attempt.packet.size) return null;
    return passing(failed(attempt, 'the answer was too short'));
  } catch (error) {
    attempt.signal.throwIfAborted();
    if (!(error instanceof JamesError)) throw error;
    if (error.code === 'digest-mismatch') return { error, waitMs: null, final: true };
    if (error.code !== 'server-unreachable') throw error;
    return passing(failed(attempt, error.message, error));
  }
}

const passing = (error: JamesError, waitMs: number | null = null): Trouble => ({
  error,
  waitMs,
  final: false,
});

function rangeHeaders({ file }: Attempt, { etag }: Source): Record<string, string> {
  if (file.bytes === 0) return { 'accept-encoding': 'identity' };
  return {
    'accept-encoding': 'identity',
    range: `bytes=${file.bytes}-`,
    ...(etag !== null && { 'if-range': etag }),
  };
}

async function receive(
  { files, throttle }: AttemptDeps,
  attempt: Attempt,
  source: Source,
  answer: HttpAnswer,
): Promise<void> {
  const { packet, file, signal } = attempt;
  const range = answer.status === 206 ? contentRange(answer) : null;
  if (range === null || range.start !== file.bytes) await emptyPartial(files, file);
  if (range !== null && range.start !== file.bytes)
    throw failed(attempt, 'the server sent another range');
  const total = range === null ? lengthOf(answer) : range.total;
  if (total !== null && total !== packet.size)
    throw mismatch(attempt, `the server has ${total} bytes`);
  source.etag = answer.headers.etag ?? null;
  source.used = true;
  await appendTo(files, file, answer.body, async (bytes) => {
    await throttle.take(bytes, signal);
    attempt.budget -= bytes;
    if (attempt.budget < 0) throw failed(attempt, 'too many bytes were received in vain');
    if (file.bytes + bytes > packet.size) throw mismatch(attempt, 'the server sends more');
    attempt.onBytes(file.bytes + bytes, packet.size);
  });
}

/** What an answer without content means. */
async function refused(deps: AttemptDeps, attempt: Attempt, answer: HttpAnswer): Promise<Trouble> {
  const content = await drain(answer);
  const problem = problemOf({ status: answer.status, content });
  if (FINAL.includes(answer.status)) {
    const isGone = answer.status === 404 || answer.status === 410;
    const error = isGone
      ? new JamesError('not-found', `${attempt.packet.name}: ${problem.message}`)
      : failed(attempt, problem.message, problem);
    return { error, waitMs: null, final: true };
  }
  if (answer.status === 416) await emptyPartial(deps.files, attempt.file);
  return passing(failed(attempt, problem.message, problem), retryAfterMs(answer));
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
