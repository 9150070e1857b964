import { readFile, stat } from 'node:fs/promises';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { join, normalize } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type SwitchableServer, switchable } from './switchable-server.ts';

/** What the server does wrong for some paths. */
export type Misbehaviour =
  | { kind: 'status'; status: number }
  /** The connection is cut after so many bytes of the body. */
  | { kind: 'break'; after: number }
  /** Other bytes than those of the file. */
  | { kind: 'bytes'; bytes: Uint8Array | string }
  /** Waits before the answer. */
  | { kind: 'slow'; ms: number }
  /** Never answers; the connection stays open. */
  | { kind: 'hang' }
  | { kind: 'redirect'; to: string; status?: 301 | 302 | 307 };

export interface SeenRequest {
  method: string;
  path: string;
  status: number;
  /** The client sent the whole URL: it took the server for its proxy. */
  proxied: boolean;
  headers: IncomingMessage['headers'];
}

export interface DirectoryServer {
  /** Without a slash at its end. */
  readonly url: string;
  readonly port: number;
  /** In the order they came; may be emptied. */
  readonly requests: SeenRequest[];
  /** User and password that every request must bring. */
  auth: { username: string; password: string } | null;
  /** Requests whose path ends so or matches behave so, until `behave`. The latest rule counts. */
  misbehave(path: string | RegExp, how: Misbehaviour): void;
  behave(): void;
  /** How many requests for paths with that end were answered, all or with that status. */
  count(path: string, status?: number): number;
  /** Stops to listen, and comes back on the same port. */
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
}

interface Rule {
  path: string | RegExp;
  how: Misbehaviour;
}

/**
 * Serves the files of a directory on loopback, with ETag, Last-Modified and ranges; also as an HTTP proxy for any host.
 * With a certificate over https.
 */
export async function serveDirectory(
  directory: string,
  certificate?: { key: string; cert: string },
): Promise<DirectoryServer> {
  const requests: SeenRequest[] = [];
  const rules: Rule[] = [];
  const server: { auth: DirectoryServer['auth'] } = { auth: null };
  const listening = (answering: RequestListener): Server =>
    certificate ? createSecureServer(certificate, answering) : createServer(answering);
  const listener: SwitchableServer = await switchable(() =>
    listening((request, response) => {
      const { path, proxied } = requested(request);
      response.on('close', () => {
        const { method = '', headers } = request;
        requests.push({ method, path, status: response.statusCode, proxied, headers });
      });
      const rule = rules.findLast((one) => matches(one.path, path));
      answer(join(directory, normalize(path)), rule?.how ?? null).catch(() => response.destroy());

      async function answer(file: string, how: Misbehaviour | null): Promise<void> {
        if (!isAllowed(request, server.auth)) {
          response.setHeader('www-authenticate', 'Basic realm="packages"');
          return end(response, 401);
        }
        if (how?.kind === 'status') return end(response, how.status);
        if (how?.kind === 'hang') return;
        if (how?.kind === 'slow') await delay(how.ms);
        if (how?.kind === 'redirect') {
          response.setHeader('location', how.to);
          return end(response, how.status ?? 302);
        }
        await sendFile(request, response, file, how);
      }
    }),
  );
  return {
    url: `${certificate ? 'https' : 'http'}://127.0.0.1:${listener.port}`,
    port: listener.port,
    requests,
    get auth() {
      return server.auth;
    },
    set auth(auth) {
      server.auth = auth;
    },
    misbehave: (path, how) => void rules.push({ path, how }),
    behave: () => void rules.splice(0),
    count: (path, status) =>
      requests.filter((one) => one.path.endsWith(path) && (status ?? one.status) === one.status)
        .length,
    down: () => listener.down(),
    up: () => listener.up(),
    close: () => listener.down(),
  };
}

function requested({ url = '/' }: IncomingMessage): { path: string; proxied: boolean } {
  const { pathname } = new URL(url, 'http://localhost');
  return { path: decodeURIComponent(pathname), proxied: !url.startsWith('/') };
}

function matches(rule: string | RegExp, path: string): boolean {
  return typeof rule === 'string' ? path.endsWith(rule) : rule.test(path);
}

function isAllowed({ headers }: IncomingMessage, auth: DirectoryServer['auth']): boolean {
  if (!auth) return true;
  const credentials = Buffer.from(`${auth.username}:${auth.password}`).toString('base64');
  return headers.authorization === `Basic ${credentials}`;
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-length': 0 }).end();
}

async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: string,
  how: Misbehaviour | null,
): Promise<void> {
  const facts = await stat(file).catch(() => null);
  if (!facts?.isFile()) return end(response, 404);
  const etag = `"${facts.size}-${facts.mtimeMs}-${facts.ino}"`;
  response.setHeader('etag', etag);
  response.setHeader('last-modified', facts.mtime.toUTCString());
  if (isUnchanged(request, etag, facts.mtimeMs)) return void response.writeHead(304).end();
  const whole = how?.kind === 'bytes' ? Buffer.from(how.bytes) : await readFile(file);
  const from = rangeStart(request, etag, whole.length);
  const body = whole.subarray(from ?? 0);
  if (from !== null)
    response.setHeader('content-range', `bytes ${from}-${whole.length - 1}/${whole.length}`);
  response.writeHead(from === null ? 200 : 206, { 'content-length': body.length });
  if (request.method === 'HEAD') return void response.end();
  if (how?.kind === 'break') {
    response.write(body.subarray(0, how.after), () => response.destroy());
    return;
  }
  response.end(body);
}

/** RFC 9110, 13.1: `If-None-Match` goes before `If-Modified-Since`. */
function isUnchanged({ headers }: IncomingMessage, etag: string, mtimeMs: number): boolean {
  if (headers['if-none-match'] !== undefined) return headers['if-none-match'] === etag;
  const since = headers['if-modified-since'];
  return since !== undefined && Math.floor(mtimeMs / 1000) * 1000 <= Date.parse(since);
}

/** The start of an open range (`bytes=N-`) that still fits the file, or null. */
function rangeStart({ headers }: IncomingMessage, etag: string, length: number): number | null {
  const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? Number.NaN);
  const condition = headers['if-range']?.toString();
  const isSame = condition === undefined || condition === etag || !condition.startsWith('"');
  return Number.isInteger(start) && start < length && isSame ? start : null;
}
