import type { Clock, Random } from '../../../proto/clock.ts';
import { JamesError } from '../../../proto/errors.ts';
import type { Credentials } from '../../../proto/secret.ts';
import { tooLarge } from '../core/byte-sink.ts';
import { shownUrl } from '../core/repository-url.ts';
import type { CachedFile, FileCache } from './file-cache.ts';
import { fileGet } from './file-get.ts';
import { follow } from './follow.ts';
import type { HttpAnswer } from './http-get.ts';
import type { FetchLimits } from './limits.ts';

/** A file that is in the cache, with what the repository calls its state. */
export interface KnownFile extends CachedFile {
  etag: string | null;
  lastModified: string | null;
}

export interface DownloadParts {
  cache: FileCache;
  clock: Clock;
  random: Random;
  limits: FetchLimits;
  credentials: Credentials | null;
  proxy: string | null;
  ca: string | null;
  signal: AbortSignal;
  /** Called once for each file whose bytes are fetched, before they come. */
  onUpdating: (url: string) => void;
}

export interface DownloadRequest {
  url: URL;
  /** What is in the cache already: asked for only if the repository has another one. */
  known: KnownFile | null;
  maxBytes: number;
}

/** Statuses that may be others a moment later. */
const TRANSIENT = [408, 425, 429, 500, 502, 503, 504];
/** Statuses by which repositories say that a file is not there. */
const MISSING = [403, 404, 410];
const MOST_WAIT_MS = 60_000;

/**
 * Brings a file into the cache. Null if the repository does not have it. Transient failures are tried again after a
 * jittered pause. Throws `source-unreachable`, `too-large`, `no-space`.
 */
export async function download(
  parts: DownloadParts,
  request: DownloadRequest,
): Promise<KnownFile | null> {
  const { clock, limits } = parts;
  const limit = new AbortController();
  const seconds = limits.totalMs / 1000;
  const cancel = clock.after(limits.totalMs, () =>
    limit.abort(new Error(`it took longer than ${seconds} s`)),
  );
  const signal = AbortSignal.any([parts.signal, limit.signal]);
  try {
    return await attempts({ ...parts, signal }, request);
  } finally {
    cancel();
  }
}

async function attempts(parts: DownloadParts, request: DownloadRequest): Promise<KnownFile | null> {
  const { clock, random, limits, signal } = parts;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await once(parts, request);
    } catch (cause) {
      const isTransient =
        cause instanceof JamesError &&
        cause.code === 'source-unreachable' &&
        cause.cause !== undefined;
      if (!isTransient || attempt >= limits.attempts || signal.aborted) throw cause;
      const pause = limits.retryMs * 2 ** (attempt - 1) * (0.5 + random() / 2);
      const asked = cause.cause instanceof TransientStatus ? cause.cause.waitMs : 0;
      await clock.sleep(Math.min(Math.max(pause, asked), MOST_WAIT_MS), signal).catch(() => {
        throw cause;
      });
    }
  }
}

/** The repository answered, but said that it cannot answer now. */
class TransientStatus extends Error {
  readonly waitMs: number;

  constructor(status: number, retryAfter: string | undefined) {
    super(`the repository answered ${status}`);
    this.waitMs = (Number(retryAfter) || 0) * 1000;
  }
}

async function once(parts: DownloadParts, request: DownloadRequest): Promise<KnownFile | null> {
  const { url, known, maxBytes } = request;
  const answer = await ask(parts, request);
  const { status, headers } = answer;
  const shown = shownUrl(url.href);
  if (status !== 200) answer.cancel();
  if (status === 304 && known) return known;
  if (MISSING.includes(status)) return null;
  if (status !== 200) {
    const cause = TRANSIENT.includes(status)
      ? new TransientStatus(status, headers['retry-after'])
      : undefined;
    throw new JamesError(
      'source-unreachable',
      `${shown} cannot be fetched: the repository answered ${status}${hintFor(status, parts)}.`,
      cause && { cause },
    );
  }
  if (Number(headers['content-length'] ?? 0) > maxBytes) {
    answer.cancel();
    throw tooLarge(shown, maxBytes);
  }
  parts.onUpdating(shown);
  const file = await parts.cache.write(answer.body, maxBytes, shown);
  return {
    ...file,
    etag: headers.etag ?? null,
    lastModified: headers['last-modified'] ?? null,
  };
}

function ask(parts: DownloadParts, { url, known }: DownloadRequest): Promise<HttpAnswer> {
  if (url.protocol === 'file:') return fileGet(url, known?.etag ?? null);
  const { connectMs, idleMs, maxRedirects } = parts.limits;
  const { clock, signal, proxy, ca, credentials } = parts;
  const headers = {
    accept: '*/*',
    'user-agent': 'jamesd',
    'accept-encoding': 'identity',
    ...(known?.etag && { 'if-none-match': known.etag }),
    ...(known?.lastModified && { 'if-modified-since': known.lastModified }),
  };
  return follow(url, {
    ...{ headers, clock, signal, connectMs, idleMs, maxRedirects },
    ...{ proxy, ca, credentials },
  });
}

/** What to do about a status, as the end of a sentence. */
function hintFor(status: number, { credentials }: DownloadParts): string {
  if (status !== 401) return '';
  return credentials
    ? '; the user or the password in the secret of the source (auth) is wrong'
    : '; the source needs a secret (auth) with user and password';
}
