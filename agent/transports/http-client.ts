import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../proto/clock.ts';
import { JamesError } from '../../proto/errors.ts';
import { type Attempt, createPools, exchange, pieces, unreachable } from './http-exchange.ts';

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
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

export interface HttpClientDeps {
  server: URL;
  /** The value of `Authorization` for the server's own origin, or null as long as there is none. */
  authorization: () => string | null;
  clock: Clock;
}

export function createHttpClient({ server, authorization, clock }: HttpClientDeps): HttpClient {
  const pools = createPools();

  const send = async (url: URL, asked: HttpRequest, redirects: number): Promise<HttpAnswer> => {
    const own = url.origin === server.origin ? (asked.authorization ?? authorization()) : null;
    const attempt: Attempt = { url, asked, authorization: own, pools, clock };
    const message = await exchange(attempt);
    const { location } = message.headers;
    const redirected = REDIRECTS.includes(message.statusCode ?? 0) && asked.method === 'GET';
    if (!redirected || location === undefined) return answerOf(message, asked, clock);
    message.destroy();
    if (redirects === 0) throw unreachable('cut', `${asked.url} redirects too often`);
    return send(addressOf(location, url), asked, redirects - 1);
  };

  const request = async (asked: HttpRequest): Promise<HttpAnswer> =>
    send(addressOf(asked.url, server), asked, MAX_REDIRECTS);

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

/** The whole address of a path or an address; throws `download-failed` for what this agent cannot ask. */
function addressOf(text: string, base: URL): URL {
  const url = URL.canParse(text, base.href) ? new URL(text, base) : null;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new JamesError('download-failed', `"${text.slice(0, 100)}" is no address over HTTP.`);
}

function answerOf(message: IncomingMessage, asked: HttpRequest, clock: Clock): HttpAnswer {
  return {
    status: message.statusCode ?? 0,
    headers: flat(message),
    body: pieces(message, asked, clock),
    discard: () => void message.destroy(),
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

function flat(message: IncomingMessage): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(message.headers).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  );
}

/** Why a request had no answer, or null if the error is another. */
export function noAnswerOf(error: unknown): NoAnswer | null {
  if (!(error instanceof JamesError) || error.code !== 'server-unreachable') return null;
  return (error.members.noAnswer as NoAnswer | undefined) ?? 'cut';
}
