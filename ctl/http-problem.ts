import { type ErrorCode, isErrorCode, JamesError } from '../proto/errors.ts';

/** The response if it is 2xx or has one of the statuses; else throws what the server says is wrong. */
export async function accepted(
  response: Response,
  statuses: readonly number[],
  { server, token }: { server: string; token: string | null },
): Promise<Response> {
  if (response.ok || statuses.includes(response.status)) return response;
  if (response.status >= 300 && response.status < 400) {
    const to = response.headers.get('location') ?? 'elsewhere';
    throw new JamesError(
      'server-unreachable',
      `${server} sends on to ${to}: give the address it leads to with --server.`,
    );
  }
  const problem = await problemOf(response, server);
  throw problem.code === 'unauthenticated' ? withoutAccess(problem, server, token) : problem;
}

/** The server's own sentence speaks to programs; a person needs to know where a token comes from. */
function withoutAccess(problem: JamesError, server: string, token: string | null): JamesError {
  const found = token === null ? `${server} wants a token` : `${server} refuses the token`;
  return new JamesError(
    'unauthenticated',
    `${found}. Give an operator’s with --token or JAMESD_TOKEN, or store one with: jamesd-ctl login`,
    { members: problem.members },
  );
}

/** The error that a problem document (RFC 9457) tells of. */
async function problemOf(response: Response, server: string): Promise<JamesError> {
  const body: unknown = await response.json().catch(() => null);
  if (typeof body !== 'object' || body === null || !('code' in body))
    return new JamesError(
      codeOf(response.status),
      `${server} answered ${response.status} ${response.statusText} without saying why; is it a jamesd server?`,
    );
  const {
    type: _type,
    title,
    status: _status,
    code,
    detail,
    ...members
  } = body as Record<string, unknown>;
  const sentence = typeof detail === 'string' ? detail : String(title ?? 'The server refused.');
  return new JamesError(isErrorCode(code) ? code : codeOf(response.status), sentence, {
    members: isErrorCode(code) ? members : { ...members, serverCode: code },
  });
}

function codeOf(status: number): ErrorCode {
  if (status === 401) return 'unauthenticated';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not-found';
  if (status === 413) return 'too-large';
  return status >= 500 ? 'unavailable' : 'bad-request';
}
