import type { IncomingHttpHeaders } from 'node:http';
import { JamesError } from '../../../proto/errors.ts';

/** The strong entity tag of a document's revision, RFC 9110 section 8.8.3. */
export function revisionEtag(revision: number): string {
  return `"${revision}"`;
}

/**
 * Holds `If-Match` and `If-None-Match` (RFC 9110 sections 13.1.1 and 13.1.2) against a document as it stands.
 * Throws `precondition-failed`, or `precondition-required` if a document stands there and the request says neither.
 */
export function requirePrecondition(
  headers: IncomingHttpHeaders,
  current: { revision: number } | undefined,
): void {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers;
  if (match === undefined && noneMatch === undefined) {
    if (current === undefined) return;
    throw new JamesError(
      'precondition-required',
      `The document exists (revision ${current.revision}). To replace it, read it and send If-Match with its entity tag.`,
      { members: { revision: current.revision } },
    );
  }
  refuseStale(headers, current);
}

/** The same for requests that need not say which revision they mean. */
export function refuseStale(
  { 'if-match': match, 'if-none-match': noneMatch }: IncomingHttpHeaders,
  current: { revision: number } | undefined,
): void {
  const wrong =
    (match !== undefined && !lists(match, current)) ||
    (noneMatch !== undefined && lists(noneMatch, current));
  if (!wrong) return;
  const stands = current ? `it stands at revision ${current.revision}` : 'it does not exist';
  throw new JamesError(
    'precondition-failed',
    `The document is not the one that the request names: ${stands}. Read it again and repeat the change on that.`,
    { members: { revision: current?.revision ?? null } },
  );
}

/** True if the header's list of entity tags names the document; `*` names any that exists. */
export function lists(header: string, current: { revision: number } | undefined): boolean {
  if (!current) return false;
  const tags = header.split(',').map((tag) => tag.trim());
  return tags.includes('*') || tags.includes(revisionEtag(current.revision));
}
