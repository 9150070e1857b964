import type { FastifyInstance } from 'fastify';
import { onTestFinished } from 'vitest';
import { silentLog } from '../../proto/log.ts';
import { type AppOptions, createApp, type Routes } from '../../server/http/app.ts';
import type { Authenticate } from '../../server/http/authenticate.ts';
import { createSystemClock } from '../../server/system/clock.ts';

/** Credentials that `testAuthenticate` knows: `operator`, `join` as bearer tokens; any device whose secret is `secret`. */
export const testAuthenticate: Authenticate = async (authorization) => {
  if (authorization === 'Bearer operator') return { kind: 'operator', token: 'op' };
  if (authorization === 'Bearer join') return { kind: 'join', token: 'jo' };
  const [, pair = ''] = /^Basic (.*)$/.exec(authorization ?? '') ?? [];
  const [device = '', secret] = Buffer.from(pair, 'base64').toString().split(':');
  return secret === 'secret' ? { kind: 'device', device } : null;
};

export const asOperator = { authorization: 'Bearer operator' };
export const asDevice = (id: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:secret`).toString('base64')}`,
});

/** The real app with some routes, closed after the running test. */
export function testApp(routes: Routes[], options: Partial<AppOptions> = {}): FastifyInstance {
  const app = createApp({
    log: silentLog,
    clock: createSystemClock(),
    authenticate: testAuthenticate,
    routes,
    ...options,
  });
  onTestFinished(async () => {
    // A client may hold connections on which it never asked anything; closing alone would wait for them.
    app.server.closeAllConnections();
    await app.close();
  });
  return app;
}
