import { type BackoffPolicy, backoffDelay, jittered } from '../core/backoff.ts';
import {
  firstPollMode,
  nextPollMode,
  type PollEvent,
  type PollMode,
  WAITS,
  waitOf,
} from '../core/poll-mode.ts';
import { retryAfterMs } from './http-answers.ts';
import { type HttpAnswer, noAnswerOf } from './http-client.ts';
import type { HttpTransportDeps } from './http-transport.ts';
import type { DisconnectCause, TransportHandlers } from './transport.ts';

/** Above this no desired document is read. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
/** So long shorter requests are used before longer ones are tried again. */
const AGAIN_MS = 3_600_000;
/** Between requests with credentials that were refused. */
const REFUSED_BACKOFF: BackoffPolicy = { baseMs: 60_000, capMs: 600_000 };
/** Statuses with which something between agent and server ends a request that is held. */
const CUT_STATUSES: readonly number[] = [408, 502, 504];

/** What the loop knows from one request to the next. */
interface Poll {
  deps: HttpTransportDeps;
  handlers: TransportHandlers;
  signal: AbortSignal;
  mode: PollMode;
  modeSince: number;
  /** The entity tag of the document that was delivered last. */
  etag: string | null;
  failures: number;
  upSince: number | null;
}

type Answer = HttpAnswer & { content: Uint8Array };

/** Asks for the desired state until the signal is aborted; then it rejects with the signal's reason. */
export async function pollDesired(
  deps: HttpTransportDeps,
  handlers: TransportHandlers,
  signal: AbortSignal,
): Promise<never> {
  const poll: Poll = {
    deps,
    handlers,
    signal,
    mode: firstPollMode,
    modeSince: deps.clock.monotonic(),
    etag: deps.knownEtag(),
    failures: 0,
    upSince: null,
  };
  // The first request and those after a failure are not held: they show whether the server is there.
  for (let probe = true; ; ) {
    signal.throwIfAborted();
    if (poll.mode.level > 0 && deps.clock.monotonic() - poll.modeSince > AGAIN_MS)
      changeMode(poll, 'again');
    probe = !(await ask(poll, probe ? 0 : longestWait(poll)));
  }
}

/** One request, held for `wait` s, and what follows from it; true if it was answered. */
async function ask(poll: Poll, wait: number): Promise<boolean> {
  const began = poll.deps.clock.monotonic();
  const answer = await request(poll, wait);
  if (answer === null) return false;
  if (wait > 0 && CUT_STATUSES.includes(answer.status)) return cut(poll);
  if (answer.status !== 200 && answer.status !== 304) {
    await failed(poll, ...refusal(answer));
    return false;
  }
  connected(poll);
  if (wait > 0) changeMode(poll, 'answered');
  const news = deliver(poll, answer);
  const held = wait > 0 && poll.deps.clock.monotonic() - began >= wait * 500;
  const willHold = wait === 0 && longestWait(poll) > 0;
  if (!news && !held && !willHold) await pause(poll, jittered(poll.deps.pollMs, poll.deps.random));
  return true;
}

/** The answer, or null if there was none and what follows from that is done. */
async function request(poll: Poll, wait: number): Promise<Answer | null> {
  const { http, device, timeoutMs = 15_000 } = poll.deps;
  const headers = {
    ...(poll.etag !== null && { 'if-none-match': poll.etag }),
    ...(wait > 0 && { prefer: `wait=${wait}` }),
  };
  const url = `/v1/devices/${device}/desired`;
  const limits = { timeoutMs: wait * 1000 + timeoutMs, signal: poll.signal };
  try {
    return await http.fetch({ method: 'GET', url, headers, ...limits }, MAX_DOCUMENT_BYTES);
  } catch (error) {
    poll.signal.throwIfAborted();
    const noAnswer = noAnswerOf(error);
    if (wait > 0 && noAnswer !== null && noAnswer !== 'refused') cut(poll);
    else await failed(poll, noAnswer === 'timeout' ? 'timeout' : 'refused', String(error));
    return null;
  }
}

/** Hands a document on; false if it is the one that was delivered last. */
function deliver(poll: Poll, answer: Answer): boolean {
  if (answer.status !== 200) return false;
  const etag = answer.headers.etag ?? null;
  const news = etag !== poll.etag;
  poll.etag = etag;
  poll.handlers.desired(answer.content);
  return news;
}

function connected(poll: Poll): void {
  poll.failures = 0;
  if (poll.upSince !== null) return;
  poll.upSince = poll.deps.clock.monotonic();
  poll.handlers.state({ kind: 'connected', transport: 'http' });
}

async function failed(
  poll: Poll,
  cause: DisconnectCause,
  detail: string,
  ms?: number,
): Promise<void> {
  poll.failures += 1;
  const upMs = poll.upSince === null ? 0 : poll.deps.clock.monotonic() - poll.upSince;
  poll.upSince = null;
  poll.handlers.state({ kind: 'disconnected', cause, detail, upMs });
  const usual = poll.deps.backoff ?? { baseMs: 1000, capMs: 60_000 };
  const policy = cause === 'credentials' ? REFUSED_BACKOFF : usual;
  await pause(poll, ms ?? backoffDelay(policy, poll.failures, poll.deps.random));
}

/** A held request ended without the server's answer. */
function cut(poll: Poll): false {
  changeMode(poll, 'cut');
  return false;
}

function changeMode(poll: Poll, event: PollEvent): void {
  const before = poll.mode.level;
  poll.mode = nextPollMode(poll.mode, event);
  if (poll.mode.level === before) return;
  poll.modeSince = poll.deps.clock.monotonic();
  poll.deps.log.info(
    { wait: WAITS[poll.mode.level] },
    'Requests for the desired state are held for another time now.',
  );
}

const longestWait = (poll: Poll): number => waitOf(poll.mode, poll.deps.longestWaitS ?? 300);

const pause = (poll: Poll, ms: number): Promise<void> => poll.deps.clock.sleep(ms, poll.signal);

function refusal(answer: Answer): [DisconnectCause, string, number?] {
  const cause = answer.status === 401 || answer.status === 403 ? 'credentials' : 'refused';
  const after = retryAfterMs(answer);
  const detail = `the server answered ${answer.status}`;
  return after === null ? [cause, detail] : [cause, detail, after];
}
