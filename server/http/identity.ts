import type { FastifyRequest } from 'fastify';
import { JamesError } from '../../proto/errors.ts';

/** Who sent a request. `token` is a token's id. */
export type Identity =
  | { kind: 'operator'; token: string }
  | { kind: 'device'; device: string }
  | { kind: 'join'; token: string };

/**
 * Who may use a route: any operator, any device, the device whose id is the path's `:id`, or whoever has a join token.
 * Every route below `/v1` says it in `config.access`.
 */
export type Access = 'operator' | 'device' | 'own-device' | 'join';

/** `token:ID` or `device:ID`, as events and revisions name who did something. */
export function actorOf(identity: Identity): string {
  return identity.kind === 'device' ? `device:${identity.device}` : `token:${identity.token}`;
}

/** True if the identity has one of the rights; `id` is the path's `:id`. */
export function mayAccess(
  identity: Identity,
  access: readonly Access[],
  id: string | undefined,
): boolean {
  if (identity.kind !== 'device') return access.includes(identity.kind);
  return access.includes('device') || (access.includes('own-device') && identity.device === id);
}

/** The error of a request without valid credentials. */
export function unauthenticated(): JamesError {
  return new JamesError(
    'unauthenticated',
    'Send "Authorization: Bearer TOKEN" with an operator\'s token, or Basic with a device\'s id and secret.',
  );
}

/** Who sent the request, and how events and revisions name them; for handlers below `/v1`. */
export function requireIdentity(request: FastifyRequest): { identity: Identity; actor: string } {
  const { identity } = request;
  if (!identity) throw unauthenticated();
  return { identity, actor: actorOf(identity) };
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every request below `/v1` before its handler runs; null elsewhere. */
    identity: Identity | null;
  }
  interface FastifyContextConfig {
    access?: readonly Access[];
  }
}
