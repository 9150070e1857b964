import type { FastifyRequest } from 'fastify';
import { JamesError } from '../../../proto/errors.ts';
import type { Routes } from '../app.ts';
import type { Authenticate } from '../authenticate.ts';
import { unauthenticated } from '../identity.ts';
import type { Metrics } from '../metrics.ts';

export interface HealthRoutesParts {
  metrics: Metrics;
  authenticate: Authenticate;
  /** True when the server can do its work: loaded, planned, and listening. */
  ready: () => boolean;
}

/**
 * `/healthz` (the process answers), `/readyz` (it can do its work) and `/metrics`, outside `/v1`. The first two are open.
 * The metrics tell of the fleet: they are open to this machine, unless a proxy says that it speaks for another, and need
 * an operator's token from elsewhere.
 */
export function healthRoutes({ metrics, authenticate, ready }: HealthRoutesParts): Routes {
  async function mayReadMetrics(request: FastifyRequest): Promise<boolean> {
    const { headers, ip } = request;
    const direct = headers['x-forwarded-for'] === undefined && headers.forwarded === undefined;
    if (direct && isLoopbackAddress(ip)) return true;
    return (await authenticate(headers.authorization, ip))?.kind === 'operator';
  }

  return (app) => {
    app.get('/healthz', { schema: { hide: true } }, async () => ({ status: 'ok' }));
    app.get('/readyz', { schema: { hide: true } }, async () => {
      if (ready()) return { status: 'ready' };
      throw new JamesError('unavailable', 'The server is starting or stopping.');
    });
    app.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
      if (!(await mayReadMetrics(request))) throw unauthenticated();
      return reply.type(metrics.contentType).send(await metrics.text());
    });
  };
}

function isLoopbackAddress(address: string): boolean {
  return /^(::ffff:)?127\./.test(address) || address === '::1';
}
