import { JamesError } from '../../../proto/errors.ts';
import type { Credentials } from '../../../proto/secret.ts';
import type { Source } from '../../../proto/source.ts';

/** A source whose addresses hold no user and password, and what they held, by the names of the secrets. */
export interface Separated {
  source: Source;
  secrets: ReadonlyMap<string, Credentials>;
}

/**
 * Takes `user:password@` out of the addresses of a source: that of the repository becomes the secret `source.ID`, that of
 * the proxy `source.ID.proxy`, and the source names them. Throws `bad-document` where the source names another secret.
 */
export function separateCredentials(source: Source): Separated {
  const secrets = new Map<string, Credentials>();
  let result = source;
  for (const { key, named, suffix } of places) {
    const found = result[key] === undefined ? null : credentialsIn(result[key], key);
    if (!found) continue;
    const name = `source.${source.id}${suffix}`;
    if (source[named] !== undefined && source[named] !== name)
      throw bad(`"${key}" holds a user and a password, and "${named}" names a secret; give one`);
    result = { ...result, [key]: found.address, [named]: name };
    secrets.set(name, found.credentials);
  }
  return { source: result, secrets };
}

const places = [
  { key: 'url', named: 'auth', suffix: '' },
  { key: 'rawUrl', named: 'auth', suffix: '' },
  { key: 'proxy', named: 'proxyAuth', suffix: '.proxy' },
] as const;

/** Null if the address holds none. Everything else of the address stays as it is written. */
function credentialsIn(
  address: string,
  key: string,
): { address: string; credentials: Credentials } | null {
  const [, scheme, pair, rest] = /^([a-z]+:\/\/)([^/]*)@(.*)$/is.exec(address) ?? [];
  if (scheme === undefined || pair === undefined || rest === undefined) return null;
  const colon = pair.indexOf(':');
  const username = decoded(colon < 0 ? pair : pair.slice(0, colon), key);
  const password = decoded(colon < 0 ? '' : pair.slice(colon + 1), key);
  if (username === '' || username.includes(':')) throw bad(`"${key}" holds no valid user`);
  return { address: `${scheme}${rest}`, credentials: { username, password } };
}

function decoded(text: string, key: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw bad(`the user and password of "${key}" are not percent-encoded as they must be`);
  }
}

function bad(sentence: string): JamesError {
  return new JamesError('bad-document', `Source: ${sentence}.`);
}
