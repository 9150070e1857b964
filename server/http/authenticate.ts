import type { Clock } from '../../proto/clock.ts';
import { JamesError } from '../../proto/errors.ts';
import { createFailureLimit } from './failure-limit.ts';
import type { Identity } from './identity.ts';

/** Says who a request is from, by its `Authorization` header; null if there is none. */
export type Authenticate = (
  authorization: string | undefined,
  address: string,
) => Promise<Identity | null>;

export interface AuthenticateOptions {
  clock: Clock;
  /** What a bearer token is, or null. Throws `token-expired`. */
  verifyToken: (token: string) => { id: string; kind: 'operator' | 'join' } | null;
  verifyDevice: (id: string, secret: string) => boolean | Promise<boolean>;
}

/** Longest header that is looked at, in characters. */
const MAX_AUTHORIZATION = 1024;

/**
 * Authentication by `Bearer` (RFC 6750) for tokens and `Basic` (RFC 7617) for devices. Wrong credentials give null, and
 * past 100 failures from one address `rate-limited`; right ones are never held up, since a fleet may share an address.
 */
export function createAuthenticate(options: AuthenticateOptions): Authenticate {
  const failures = createFailureLimit({ clock: options.clock, burst: 100, perSecond: 1 });

  async function identify(authorization: string): Promise<Identity | null> {
    if (authorization.length > MAX_AUTHORIZATION) return null;
    const [, scheme = '', value = ''] = /^(\w+) +(\S+) *$/.exec(authorization) ?? [];
    if (scheme.toLowerCase() === 'bearer') {
      const token = options.verifyToken(value);
      return token && { kind: token.kind, token: token.id };
    }
    if (scheme.toLowerCase() !== 'basic') return null;
    const pair = Buffer.from(value, 'base64').toString('utf8');
    const colon = pair.indexOf(':');
    if (colon < 1) return null;
    const device = pair.slice(0, colon);
    return (await options.verifyDevice(device, pair.slice(colon + 1)))
      ? { kind: 'device', device }
      : null;
  }

  return async (authorization, address) => {
    if (authorization === undefined) return null;
    const identity = await identify(authorization);
    if (!identity && !failures.allow(address)) {
      throw new JamesError(
        'rate-limited',
        'Too many requests with wrong credentials came from this address; wait a minute.',
        { members: { retryAfter: 60 } },
      );
    }
    return identity;
  };
}
