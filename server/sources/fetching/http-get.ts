import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import tls from 'node:tls';
import type { Clock } from '../../../proto/clock.ts';
import { JamesError } from '../../../proto/errors.ts';
import { shownUrl } from '../core/repository-url.ts';

export interface HttpGetOptions {
  headers: Readonly<Record<string, string>>;
  /** The address of an HTTP proxy, with user and password if it wants them. */
  proxy: string | null;
  /** Certificates (PEM) of the authorities that count; null: those that Node knows. */
  ca: string | null;
  signal: AbortSignal;
  clock: Clock;
  /** Milliseconds until a connection stands, and without a byte after that. */
  connectMs: number;
  idleMs: number;
}

export interface HttpAnswer {
  status: number;
  headers: IncomingMessage['headers'];
  /** Throws if the connection breaks, is idle for too long, or ends before the announced length. */
  body: AsyncIterable<Uint8Array>;
  /** Gives the rest of the body up. */
  cancel(): void;
}

/** One GET without redirects. Rejects with `source-unreachable`. */
export async function httpGet(url: URL, options: HttpGetOptions): Promise<HttpAnswer> {
  const watch = createIdleWatch(options);
  try {
    const request = await makeRequest(url, options, watch);
    const response = await answerOf(request, watch);
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      body: bodyOf(response, watch, url),
      cancel() {
        watch.end();
        response.on('error', () => {});
        response.destroy();
      },
    };
  } catch (cause) {
    watch.end();
    throw unreachable(url, watch.reason ?? cause);
  }
}

interface IdleWatch {
  /** Something moved: the time begins anew. */
  touch(): void;
  /** What is to be cut when the time is over. */
  guard(target: { destroy(error?: Error): unknown }): void;
  end(): void;
  reason: Error | null;
}

/** Cuts the connection when nothing moves: first within the time to connect, then within the idle time; or by the signal. */
function createIdleWatch({ clock, signal, connectMs, idleMs }: HttpGetOptions): IdleWatch {
  let targets: { destroy(error?: Error): unknown }[] = [];
  let cancel = (): void => {};
  const cut = (reason: Error): void => {
    watch.reason ??= reason;
    for (const target of targets) target.destroy(reason);
  };
  const arm = (ms: number, what: string): void => {
    cancel();
    cancel = clock.after(ms, () => cut(new Error(what)));
  };
  const aborted = (): void =>
    cut(signal.reason instanceof Error ? signal.reason : new Error('given up'));
  signal.addEventListener('abort', aborted, { once: true });
  const watch: IdleWatch = {
    touch: () => arm(idleMs, `nothing came for ${idleMs / 1000} s`),
    guard: (target) => {
      targets.push(target);
      if (watch.reason) target.destroy(watch.reason);
    },
    end() {
      cancel();
      signal.removeEventListener('abort', aborted);
      targets = [];
    },
    reason: null,
  };
  arm(connectMs, `no connection within ${connectMs / 1000} s`);
  if (signal.aborted) aborted();
  return watch;
}

async function makeRequest(
  url: URL,
  { headers, proxy, ca }: HttpGetOptions,
  watch: IdleWatch,
): Promise<ClientRequest> {
  const trust = ca === null ? {} : { ca };
  const plain: https.RequestOptions = { agent: false, headers, ...trust };
  if (proxy === null) {
    const client = url.protocol === 'https:' ? https : http;
    return client.get(bare(url), plain);
  }
  const through = new URL(proxy);
  if (url.protocol === 'http:') {
    return clientOf(through).get(bare(through), {
      agent: false,
      path: bare(url).href,
      headers: { ...headers, ...proxyHeaders(through), host: url.host },
    });
  }
  const socket = await openTunnel(through, url, watch);
  const createConnection = (): tls.TLSSocket => tls.connect({ socket, ...nameOf(url), ...trust });
  // Without an agent: one would make a connection of its own.
  return https.get(bare(url), { headers, createConnection });
}

/** RFC 6066, 3: an address is no name of a server; its certificate is held against the address itself. */
const nameOf = ({ hostname }: URL): tls.ConnectionOptions =>
  isIP(hostname) === 0 ? { servername: hostname } : { host: hostname };

/** CONNECT (RFC 9110, 9.3.6): a connection to the target through the proxy. */
function openTunnel(proxy: URL, url: URL, watch: IdleWatch) {
  const path = `${url.hostname}:${url.port || 443}`;
  const headers = { host: path, ...proxyHeaders(proxy) };
  const request = clientOf(proxy).request(bare(proxy), {
    ...{ method: 'CONNECT', path, headers, agent: false },
  });
  watch.guard(request);
  return new Promise<import('node:net').Socket>((resolve, reject) => {
    request.on('error', reject);
    request.on('connect', (response, socket) => {
      if (response.statusCode === 200) return resolve(socket as import('node:net').Socket);
      socket.destroy();
      reject(new Error(`the proxy answered ${response.statusCode}`));
    });
    request.end();
  });
}

function clientOf(url: URL): typeof http | typeof https {
  return url.protocol === 'https:' ? https : http;
}

/** Without user and password: Node would send them as they are. */
function bare(url: URL): URL {
  const copy = new URL(url);
  copy.username = '';
  copy.password = '';
  return copy;
}

function proxyHeaders({ username, password }: URL): Record<string, string> {
  if (username === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

function answerOf(request: ClientRequest, watch: IdleWatch): Promise<IncomingMessage> {
  watch.guard(request);
  return new Promise((resolve, reject) => {
    request.on('socket', (socket) => {
      if (socket.connecting) socket.once('connect', watch.touch);
      else watch.touch();
    });
    request.on('error', reject);
    request.on('response', (response) => {
      watch.touch();
      resolve(response);
    });
  });
}

async function* bodyOf(
  response: IncomingMessage,
  watch: IdleWatch,
  url: URL,
): AsyncIterable<Uint8Array> {
  try {
    for await (const chunk of response) {
      watch.touch();
      yield chunk as Uint8Array;
    }
    if (!response.complete) throw new Error('the answer was cut short');
  } catch (cause) {
    throw unreachable(url, watch.reason ?? cause);
  } finally {
    watch.end();
    response.destroy();
  }
}

/** The error for a repository that does not answer as it should; the reason is a part of a sentence. */
export function unreachable(url: URL, cause: unknown): JamesError {
  if (cause instanceof JamesError) return cause;
  const { code, message } = cause as NodeJS.ErrnoException;
  const reason = message || code || 'it failed';
  return new JamesError(
    'source-unreachable',
    `${shownUrl(url.href)} cannot be fetched: ${shownUrl(reason)}.`,
    { cause },
  );
}
