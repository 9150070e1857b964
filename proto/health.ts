import Type from 'typebox';
import { DURATION_PATTERN } from './duration.ts';

export const Duration = Type.String({ pattern: DURATION_PATTERN });

/** The kinds of check, each under the key that tells it apart. */
export const healthChecks = {
  /** A shell command that ends with status 0. */
  command: Type.Object(
    { command: Type.String({ minLength: 1, maxLength: 4096 }) },
    { additionalProperties: false },
  ),
  /** A systemd unit that is active. */
  unit: Type.Object(
    { unit: Type.String({ pattern: '^[A-Za-z0-9@:._\\\\-]{1,255}$' }) },
    { additionalProperties: false },
  ),
  /** An address that answers with a status from 200 to 399, or with `status`. */
  http: Type.Object(
    {
      http: Type.String({ pattern: '^https?://', maxLength: 2048 }),
      status: Type.Optional(Type.Integer({ minimum: 100, maximum: 599 })),
    },
    { additionalProperties: false },
  ),
  /** `HOST:PORT` that takes a connection. */
  tcp: Type.Object(
    { tcp: Type.String({ pattern: '^(\\[[0-9a-fA-F:.]+\\]|[^:/\\s]+):[0-9]{1,5}$' }) },
    { additionalProperties: false },
  ),
  /** jamesd itself still answers this device. */
  server: Type.Object({ server: Type.Literal('reachable') }, { additionalProperties: false }),
} as const;

/** One question to the device after a change; every one must be answered well. */
export const HealthCheck = Type.Union(Object.values(healthChecks));
export type HealthCheck =
  | { command: string }
  | { unit: string }
  | { http: string; status?: number }
  | { tcp: string }
  | { server: 'reachable' };

/** What must hold after a change, before it is committed; else everything is taken back. */
export const Health = Type.Object(
  {
    /** None: nothing is asked, whatever specs of lower priority say. */
    checks: Type.Array(HealthCheck, { maxItems: 32 }),
    /** Each try of a check may take so long; 30 s if not given. */
    timeout: Type.Optional(Duration),
    /** So many tries after the first, for a service that starts slowly; 3 if not given. */
    retries: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000 })),
    /** Between two tries; 5 s if not given. */
    interval: Type.Optional(Duration),
  },
  { additionalProperties: false },
);
/** What holds where a spec does not say it. */
export const HEALTH_DEFAULTS = { timeout: '30s', retries: 3, interval: '5s' } as const;

export interface Health {
  checks: HealthCheck[];
  timeout?: string;
  retries?: number;
  interval?: string;
}
