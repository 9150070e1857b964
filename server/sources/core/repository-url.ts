import { JamesError } from '../../../proto/errors.ts';
import type { Credentials } from '../../../proto/secret.ts';

/** The schemes that an index can be fetched by. */
const SCHEMES = ['http:', 'https:', 'file:'];

/** The address as people and logs may see it: without user and password. */
export function shownUrl(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1');
}

/** The address of a proxy with user and password, for whoever connects to it and for nobody else. */
export function withCredentials(url: string, credentials: Credentials | null): string {
  const whole = parseRepositoryUrl(url);
  if (credentials) {
    whole.username = encodeURIComponent(credentials.username);
    whole.password = encodeURIComponent(credentials.password);
  }
  return whole.href;
}

/** With one slash at its end. */
export function folderUrl(url: string): string {
  return `${url.replace(/\/+$/, '')}/`;
}

/** The address as an URL. Throws `bad-document` if it is none that can be fetched. */
export function parseRepositoryUrl(url: string): URL {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new JamesError('bad-document', `${shownUrl(url)} is no address of a repository.`);
  }
  if (SCHEMES.includes(parsed.protocol)) return parsed;
  throw new JamesError(
    'bad-document',
    `${shownUrl(url)} cannot be fetched; http:, https: and file: can.`,
  );
}

/**
 * The address of a file that a repository names by a path relative to one of its directories. Throws `bad-index` for a
 * path that leaves the directory, names another host, or holds what no file's name has.
 */
export function fileBelow(directory: string, path: string): string {
  const parts = path.split('/');
  const wrong =
    path === '' ||
    path.length > 1024 ||
    /^[a-z][a-z0-9+.-]*:/i.test(path) ||
    /[\p{Cc}\\?#]/u.test(path) ||
    /%(2e|2f|5c|00)/i.test(path) ||
    parts.some((part) => part === '' || part === '.' || part === '..');
  if (wrong) {
    const shown = JSON.stringify(path.slice(0, 100));
    throw new JamesError('bad-index', `The index names ${shown}, which is no path below it.`);
  }
  return folderUrl(directory) + parts.map(encodePart).join('/');
}

/** Keeps what is encoded already. */
function encodePart(part: string): string {
  return part
    .split(/(%[0-9a-fA-F]{2})/)
    .map((piece, index) => (index % 2 ? piece : encodeURI(piece)))
    .join('');
}
