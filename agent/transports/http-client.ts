import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Clock } from '../../proto/clock.ts';
import { JamesError } from '../../proto/errors.ts';

export interface HttpRequest {
  method: 'GET' | 'PUT' | 'POST';
  /** A path on the server, or a full address. The credentials go to the server's own origin only. */
  url: string;
  headers?: Record<string, string>;
  body?: Uint8Array;
  /** `Authorization` instead of the device's credentials. */
  authorization?: string;
  /** Time until the head of the answer, and between two pieces of its body. */
  timeoutMs: number;
  signal?: AbortSignal;
}

export interface HttpAnswer {
  status: number;
  headers: Readonly<Record<string, string | undefined>>;
  /** To be read to its end or broken off; reading slowly slows the server. */
  body: AsyncIterable<Uint8Array>;
  /** Gives up the connection; for a body that is not read. */
  discard(): void;
}

/** Why there was no answer. `refused`: no connection. `cut`: the connection stood and ended. `timeout`: nothing came. */
export type NoAnswer = 'refused' | 'cut' | 'timeout';

/** HTTP as the agent speaks it: streams, keeps connections, follows redirects, and does not leak credentials. */
export interface HttpClient {
  /**
   * Throws `server-unreachable` with the member `noAnswer` if no answer came, or the signal's reason. Every status is an
   * answer.
   */
  request(request: HttpRequest): Promise<HttpAnswer>;
  /** The whole body of a request's answer, of at most `limit` bytes; longer ones throw `too-large`. */
  fetch(request: HttpRequest, limit: number): Promise<HttpAnswer & { content: Uint8Array }>;
  stop(): void;
}

const MAX_REDIRECTS = 5;
/** A kept connection that fails this soon had been closed by the server before the request. */
const STALE_MS = 1000;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

export interface HttpClientDeps {
  server: URL;
  /** The value of `Authorization` for the server's own origin, or null as long as there is none. */
  authorization: () => string | null;
  clock: Clock;
}

export function createHttpClient({ server, authorization, clock }: HttpClientDeps): HttpClient {
  const pools = {
    'http:': new http.Agent({ keepAlive: true, maxSockets: 8 }),
    'https:': new https.Agent({ keepAlive: true, maxSockets: 8 }),
  };

  const send = async (url: URL, asked: HttpRequest, redirects: number): Promise<HttpAnswer> => {
    const own = url.origin === server.origin ? (asked.authorization ?? authorization()) : null;
    const message = await exchange(url, asked, own);
    const status = message.statusCode ?? 0;
    const location = message.headers.location;
    if (!REDIRECTS.includes(status) || location === undefined || asked.method !== 'GET')
      return {
        status,
        headers: flat(message),
        body: pieces(message, asked, clock),
        discard: () => void message.destroy(),
      };
    message.resume();
    if (redirects === 0) throw unreachable('cut', `${asked.url} redirects too often`);
    return send(new URL(location, url), asked, redirects - 1);
  };

  const exchange = async (
    url: URL,
    asked: HttpRequest,
    own: string | null,
  ): Promise<IncomingMessage> => {
    try {
      return await attempt(url, asked, own);
    } catch (error) {
      // A kept connection that the server closed meanwhile says nothing of the server; only such is tried once more.
      if (!(error instanceof StaleConnection)) throw error;
    }
    try {
      return await attempt(url, asked, own);
    } catch (error) {
      throw error instanceof StaleConnection ? unreachable('cut', error.message) : error;
    }
  };

  const attempt = (url: URL, asked: HttpRequest, own: string | null): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      asked.signal?.throwIfAborted();
      const secure = url.protocol === 'https:';
      if (!secure && url.protocol !== 'http:')
        throw new JamesError('download-failed', `${url.protocol} is no protocol of this agent.`);
      const request = (secure ? https : http).request(url, {
        method: asked.method,
        agent: pools[secure ? 'https:' : 'http:'],
        headers: headersOf(asked, own),
        ...(asked.signal && { signal: asked.signal }),
      });
      const began = clock.monotonic();
      let connected = false;
      request.on('socket', (socket) => {
        connected = !socket.connecting;
        socket.once('connect', () => {
          connected = true;
        });
      });
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
        reject(failure(error, { asked, url, connected, stale }));
      });
      request.end(asked.body);
    });

  const request = async (asked: HttpRequest): Promise<HttpAnswer> =>
    send(new URL(asked.url, server), asked, MAX_REDIRECTS);

  return {
    request,
    async fetch(asked, limit) {
      const answer = await request(asked);
      return { ...answer, content: await readAll(answer.body, limit) };
    },
    stop() {
      pools['http:'].destroy();
      pools['https:'].destroy();
    },
  };
}

/** All pieces as one, or `too-large`. */
async function readAll(body: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body) {
    length += part.length;
    if (length > limit) throw new JamesError('too-large', `The answer is over ${limit} bytes.`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** The pieces of a body; a silence of `timeoutMs`, a cut or an early end throws. */
async function* pieces(
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

function flat(message: IncomingMessage): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(message.headers).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  );
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

function unreachable(noAnswer: NoAnswer, sentence: string, cause?: unknown): JamesError {
  return new JamesError('server-unreachable', `The server cannot be reached: ${sentence}.`, {
    members: { noAnswer },
    cause,
  });
}

/** Why a request had no answer, or null if the error is another. */
export function noAnswerOf(error: unknown): NoAnswer | null {
  if (!(error instanceof JamesError) || error.code !== 'server-unreachable') return null;
  return (error.members['noAnswer'] as NoAnswer | undefined) ?? 'cut';
}
