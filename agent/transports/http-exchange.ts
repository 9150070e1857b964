import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Clock } from '../../proto/clock.ts';
import { JamesError } from '../../proto/errors.ts';
import type { HttpRequest, NoAnswer } from './http-client.ts';

/** Kept connections by protocol. */
export interface Pools {
  'http:': http.Agent;
  'https:': https.Agent;
}

/** One request to one address. */
export interface Attempt {
  url: URL;
  asked: HttpRequest;
  authorization: string | null;
  pools: Pools;
  clock: Clock;
}

const AT_ONCE = 8;
/** A kept connection that fails this soon had been closed by the server before the request. */
const STALE_MS = 1000;

export const createPools = (): Pools => ({
  'http:': new http.Agent({ keepAlive: true, maxSockets: AT_ONCE }),
  'https:': new https.Agent({ keepAlive: true, maxSockets: AT_ONCE }),
});

/**
 * The head of the answer. A kept connection that the server closed meanwhile says nothing of the server, so such a request
 * is sent once more.
 */
export async function exchange(attempt: Attempt): Promise<IncomingMessage> {
  try {
    return await send(attempt);
  } catch (error) {
    if (!(error instanceof StaleConnection)) throw error;
  }
  try {
    return await send(attempt);
  } catch (error) {
    throw error instanceof StaleConnection ? unreachable('cut', error.message) : error;
  }
}

function send(attempt: Attempt): Promise<IncomingMessage> {
  const { url, asked, clock } = attempt;
  return new Promise((resolve, reject) => {
    asked.signal?.throwIfAborted();
    const request = open(attempt);
    const began = clock.monotonic();
    const connected = watchConnection(request);
    const cancel = clock.after(asked.timeoutMs, () => {
      request.destroy(unreachable('timeout', `${url.host} did not answer in time`));
    });
    request.on('response', (message) => {
      cancel();
      resolve(message);
    });
    request.on('error', (error) => {
      cancel();
      const stale = request.reusedSocket && clock.monotonic() - began < STALE_MS;
      reject(failure(error, { asked, url, connected: connected(), stale }));
    });
    request.end(asked.body);
  });
}

function open({ url, asked, authorization, pools }: Attempt): ClientRequest {
  const secure = url.protocol === 'https:';
  return (secure ? https : http).request(url, {
    method: asked.method,
    agent: pools[secure ? 'https:' : 'http:'],
    headers: headersOf(asked, authorization),
    ...(asked.signal && { signal: asked.signal }),
  });
}

function watchConnection(request: ClientRequest): () => boolean {
  let connected = false;
  request.on('socket', (socket) => {
    connected = !socket.connecting;
    socket.once('connect', () => {
      connected = true;
    });
  });
  return () => connected;
}

/** The pieces of a body; a silence of `timeoutMs`, a cut or an early end throws. */
export async function* pieces(
  message: IncomingMessage,
  asked: HttpRequest,
  clock: Clock,
): AsyncIterable<Uint8Array> {
  const watch = (): (() => void) =>
    clock.after(asked.timeoutMs, () => {
      message.destroy(unreachable('timeout', 'the server sent nothing more'));
    });
  let cancel = watch();
  try {
    for await (const piece of message) {
      cancel();
      yield piece as Uint8Array;
      cancel = watch();
    }
  } catch (error) {
    if (asked.signal?.aborted) throw asked.signal.reason;
    throw error instanceof JamesError ? error : unreachable('cut', 'the answer broke off');
  } finally {
    cancel();
    message.destroy();
  }
}

function headersOf(asked: HttpRequest, own: string | null): Record<string, string> {
  return {
    ...asked.headers,
    ...(own !== null && { authorization: own }),
    ...(asked.body && { 'content-length': String(asked.body.length) }),
  };
}

class StaleConnection extends Error {}

function failure(
  error: Error,
  state: { asked: HttpRequest; url: URL; connected: boolean; stale: boolean },
): Error {
  const { asked, url, connected, stale } = state;
  if (asked.signal?.aborted) return asked.signal.reason as Error;
  if (error instanceof JamesError) return error;
  if (stale && asked.method !== 'POST') return new StaleConnection(error.message);
  return unreachable(connected ? 'cut' : 'refused', `${url.host}: ${error.message}`, error);
}

export function unreachable(noAnswer: NoAnswer, sentence: string, cause?: unknown): JamesError {
  return new JamesError('server-unreachable', `The server cannot be reached: ${sentence}.`, {
    members: { noAnswer },
    cause,
  });
}
