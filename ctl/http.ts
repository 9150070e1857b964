import type { Clock, Random } from '../proto/clock.ts';
import { JamesError } from '../proto/errors.ts';
import { accepted } from './http-problem.ts';

/** One request to the API. */
export interface Request {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path below the server, with `/v1`. */
  path: string;
  query?: Readonly<Record<string, string | number | boolean | undefined>>;
  headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is; made anew for each attempt. */
  stream?: () => ReadableStream<Uint8Array>;
  /** Milliseconds until the answer's head must be there; no limit if absent. */
  timeout?: number;
  /** Gives this request up; then it counts as broken by the network. */
  signal?: AbortSignal;
  /** Statuses that are answers, not errors, beyond 2xx. */
  accept?: readonly number[];
}

export interface Http {
  readonly server: string;
  /** The answer, or a JamesError: the server's problem document, or `server-unreachable`. */
  send(request: Request): Promise<Response>;
  /** The answer's JSON. */
  json<Value>(request: Request): Promise<Value>;
}

export interface HttpOptions {
  server: string;
  token: string | null;
  clock: Clock;
  random: Random;
  signal: AbortSignal;
  fetch?: typeof fetch;
}

const TIMEOUT_MS = 30_000;
const MOST_ATTEMPTS = 4;
const RETRY_STATUSES = [429, 502, 503, 504];

/** Node's fetch with the token, a time limit, problem documents as errors, and a few jittered retries of GETs. */
export function createHttp(options: HttpOptions): Http {
  const { server, clock, random, signal } = options;

  async function send(request: Request): Promise<Response> {
    const attempts = (request.method ?? 'GET') === 'GET' ? MOST_ATTEMPTS : 1;
    for (let attempt = 1; ; attempt += 1) {
      const last = attempt === attempts;
      try {
        const response = await once(request, options);
        if (last || !RETRY_STATUSES.includes(response.status))
          return await accepted(response, request.accept ?? [], options);
        await response.body?.cancel();
      } catch (cause) {
        if (last || signal.aborted || !(cause instanceof Unreachable))
          throw unreachable(cause, server);
      }
      await clock.sleep(backoff(attempt, random), signal);
    }
  }

  return {
    server,
    send,
    async json<Value>(request: Request): Promise<Value> {
      return (await readJson(await send(request), server)) as Value;
    },
  };
}

/** Milliseconds before attempt `attempt + 1`: 0.2 s, doubled each time up to 10 s, between half and all of it. */
export function backoff(attempt: number, random: Random): number {
  return Math.min(200 * 2 ** (attempt - 1), 10_000) * (0.5 + random() / 2);
}

/** The connection failed before an answer came. */
class Unreachable extends Error {}

async function once(request: Request, options: HttpOptions): Promise<Response> {
  const { clock, signal } = options;
  const limit = new AbortController();
  const cancel = request.stream
    ? () => {}
    : clock.after(request.timeout ?? TIMEOUT_MS, () => limit.abort(new Error('no answer in time')));
  try {
    const body =
      request.stream?.() ?? (request.json === undefined ? null : JSON.stringify(request.json));
    return await (options.fetch ?? fetch)(addressOf(options.server, request), {
      method: request.method ?? 'GET',
      headers: headersOf(request, options.token),
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, limit.signal, ...(request.signal ? [request.signal] : [])]),
      ...(request.stream && { duplex: 'half' }),
    } as RequestInit);
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    throw new Unreachable(reasonOf(cause), { cause });
  } finally {
    cancel();
  }
}

function addressOf(server: string, { path, query = {} }: Request): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query))
    if (value !== undefined) parameters.set(key, String(value));
  return `${server}${path}${parameters.size > 0 ? `?${parameters}` : ''}`;
}

function headersOf(request: Request, token: string | null): Record<string, string> {
  return {
    accept: 'application/json, application/problem+json',
    ...(token !== null && { authorization: `Bearer ${token}` }),
    ...(request.json !== undefined && { 'content-type': 'application/json' }),
    ...request.headers,
  };
}

async function readJson(response: Response, server: string): Promise<unknown> {
  if (response.status === 204) return null;
  const text = await response.text().catch((cause: unknown) => {
    throw unreachable(new Unreachable(reasonOf(cause), { cause }), server);
  });
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new JamesError(
      'server-unreachable',
      `${server} answered something that is not JSON; is it a jamesd server?`,
      { cause },
    );
  }
}

function unreachable(cause: unknown, server: string): unknown {
  if (!(cause instanceof Unreachable)) return cause;
  return new JamesError(
    'server-unreachable',
    `${server} cannot be reached (${cause.message}). Is jamesd running there? Set --server or JAMESD_SERVER; jamesd-ctl doctor says more.`,
    { cause },
  );
}

function reasonOf(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  if (!(inner instanceof Error)) return String(inner);
  const code = (inner as NodeJS.ErrnoException).code;
  return inner.message === '' ? (code ?? inner.name) : inner.message;
}

/** True if the server was not there, so that the same may work later. */
export function isUnreachable(error: unknown): boolean {
  return (
    error instanceof JamesError &&
    ['server-unreachable', 'unavailable', 'rate-limited'].includes(error.code)
  );
}
