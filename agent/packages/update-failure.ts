import { JamesError } from '../../proto/errors.ts';
import type { CommandResult } from '../system/commands.ts';
import { requireSuccess, saidBy } from './tool-run.ts';

/** What package managers say of an index or a package that they do not believe. */
const UNTRUSTED =
  /NO_PUBKEY|BADSIG|EXPKEYSIG|KEYEXPIRED|REVKEYSIG|signatures? (?:couldn't|were|was|is) |signature verification|repomd\.xml GPG|Bad GPG|bad PGP|GPG check FAILED|is expired|not valid yet|Hash Sum mismatch|unexpected size|checksum|Clearsigned file isn't valid|Valid-Until|Public key|does not match intended|Digest verification/i;
/** What they say of a server that does not answer, or not as it should. */
const UNREACHABLE =
  /Could not connect|Could not resolve|Connection (?:refused|timed out|failed|reset)|Temporary failure|Failed to (?:fetch|download)|Cannot download|Unable to connect|Curl error|Couldn't connect|Timeout|timed out|All mirrors were|Valid metadata not found|^ +[45]\d\d {2}[A-Z]|(?:code|error): [45]\d\d/im;
/** Exit 0 of apt may hide an index that was not fetched. */
const HIDDEN = /^(?:Err:|W: Failed to fetch|W: GPG error|W: Some index files failed)/m;

/**
 * Throws `source-untrusted`, `source-unreachable` or `package-failed` with what was said, unless a program that fetches
 * ended well.
 */
export function requireUpdate(result: CommandResult, doing: string): CommandResult {
  const ended = result.end === 'exited' && result.code === 0;
  if (ended && !HIDDEN.test(result.output)) return result;
  const said = saidBy(result);
  if (UNTRUSTED.test(result.output))
    throw new JamesError('source-untrusted', `${doing} does not believe a source: ${said}`);
  if (UNREACHABLE.test(result.output))
    throw new JamesError('source-unreachable', `${doing} could not fetch all: ${said}`);
  if (/is not signed/.test(result.output))
    throw new JamesError('source-untrusted', `${doing} does not believe a source: ${said}`);
  if (!ended) return requireSuccess(result, doing);
  throw new JamesError('source-unreachable', `${doing} could not fetch all: ${said}`);
}
