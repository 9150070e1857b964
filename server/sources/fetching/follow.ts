import { JamesError } from '../../../proto/errors.ts';
import type { Credentials } from '../../../proto/secret.ts';
import { shownUrl } from '../core/repository-url.ts';
import { type HttpAnswer, type HttpGetOptions, httpGet } from './http-get.ts';

const REDIRECTS = [301, 302, 303, 307, 308];

export interface FollowOptions extends HttpGetOptions {
  /** For the repository's own origin; never sent to another one. */
  credentials: Credentials | null;
  maxRedirects: number;
}

/**
 * A GET that follows redirects, at most `maxRedirects`, to http and https, and never from https to http. Rejects with
 * `source-unreachable`.
 */
export async function follow(start: URL, options: FollowOptions): Promise<HttpAnswer> {
  let url = start;
  for (let count = 0; ; count += 1) {
    const headers = { ...options.headers, ...authorization(start, url, options.credentials) };
    const answer = await httpGet(url, { ...options, headers });
    if (!REDIRECTS.includes(answer.status)) return answer;
    answer.cancel();
    if (count >= options.maxRedirects)
      throw refused(start, `it is redirected more than ${options.maxRedirects} times`);
    url = nextOf(start, url, answer.headers.location);
  }
}

/** RFC 7617. Credentials belong to scheme, host and port of the repository. */
function authorization(
  start: URL,
  url: URL,
  credentials: Credentials | null,
): Record<string, string> {
  if (!credentials || url.origin !== start.origin) return {};
  const pair = `${credentials.username}:${credentials.password}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

function nextOf(start: URL, url: URL, location: string | undefined): URL {
  if (location === undefined) throw refused(start, 'it is redirected to nowhere');
  let next: URL;
  try {
    next = new URL(location, url);
  } catch {
    throw refused(start, 'it is redirected to what is no address');
  }
  next.username = '';
  next.password = '';
  if (next.protocol !== 'http:' && next.protocol !== 'https:')
    throw refused(start, `it is redirected to ${next.protocol}, which is not followed`);
  if (url.protocol === 'https:' && next.protocol === 'http:')
    throw refused(start, 'it is redirected from https to http');
  return next;
}

function refused(url: URL, reason: string): JamesError {
  return new JamesError(
    'source-unreachable',
    `${shownUrl(url.href)} cannot be fetched: ${reason}.`,
  );
}
