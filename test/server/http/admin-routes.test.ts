import { MemoryLevel } from 'memory-level';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../proto/log.ts';
import { createTokens } from '../../../server/credentials/tokens.ts';
import { createEventLog } from '../../../server/events/event-log.ts';
import { createAuthenticate } from '../../../server/http/authenticate.ts';
import { createMetrics } from '../../../server/http/metrics.ts';
import { eventRoutes } from '../../../server/http/routes/events.ts';
import { healthRoutes } from '../../../server/http/routes/health.ts';
import { tokenRoutes } from '../../../server/http/routes/tokens.ts';
import { createStore } from '../../../server/store/level-store.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { testApp } from '../../support/test-app.ts';

async function served() {
  const store = await createStore(new MemoryLevel<string, string>(), { log: silentLog });
  const clock = createFakeClock();
  const events = createEventLog({ store, clock, log: silentLog });
  const tokens = createTokens({ store, clock, events });
  const { token } = await tokens.create({ kind: 'operator' }, 'server');
  const verifyToken = tokens.verify;
  const authenticate = createAuthenticate({ clock, verifyToken, verifyDevice: () => false });
  const state = { ready: false };
  const metrics = createMetrics(() => [
    { name: 'jamesd_devices', help: 'Devices.', value: 3, labels: { phase: 'idle' } },
  ]);
  const health = healthRoutes({ metrics, authenticate, ready: () => state.ready });
  const app = testApp([tokenRoutes({ tokens }), eventRoutes({ events })], {
    authenticate,
    metrics,
    openRoutes: [health],
  });
  const headers = { authorization: `Bearer ${token}` };
  const send = (method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) =>
    app.inject({ method, url, headers, ...(payload && { payload }) });
  return { app, send, state, clock, token };
}

describe('tokens over HTTP', () => {
  it('are made, listed, shown once, and revoked', async () => {
    const { app, send } = await served();
    const made = await send('POST', '/v1/tokens', { kind: 'operator', description: 'ci' });
    expect(made.statusCode).toBe(201);
    const { id, token } = made.json();
    const headers = { authorization: `Bearer ${token}` };
    expect((await app.inject({ url: `/v1/tokens/${id}`, headers })).json().description).toBe('ci');
    const all = await send('GET', '/v1/tokens');
    expect(all.json().items).toHaveLength(2);
    expect(all.body).not.toContain(token);
    expect((await send('DELETE', `/v1/tokens/${id}`)).statusCode).toBe(204);
    expect((await app.inject({ url: '/v1/tokens', headers })).statusCode).toBe(401);
    expect((await send('GET', `/v1/tokens/${id}`)).statusCode).toBe(404);
  });

  it('for joining carry labels, uses and an end', async () => {
    const { send } = await served();
    const body = { kind: 'join', labels: { site: 'berlin' }, uses: 5, expiresIn: 3600 };
    expect((await send('POST', '/v1/tokens', body)).json()).toMatchObject({
      labels: { site: 'berlin' },
      usesLeft: 5,
      expiresAt: '2026-01-01T01:00:00.000Z',
    });
  });

  it.each([
    [{ kind: 'admin' }],
    [{ kind: 'join', uses: 0 }],
    [{ kind: 'join', expiresIn: -1 }],
    [{ kind: 'join', labels: { 'a b': 'c' } }],
    [{ kind: 'join', labels: { a: 'ü'.repeat(200) } }],
    [{ kind: 'join', colour: 'red' }],
    [{ kind: 'operator', uses: 3 }],
    [[]],
  ])('%j is refused', async (body) => {
    const { send } = await served();
    expect((await send('POST', '/v1/tokens', body)).statusCode).toBe(400);
    expect((await send('GET', '/v1/tokens')).json().items).toHaveLength(1);
  });

  it('are paged', async () => {
    const { send } = await served();
    for (let n = 0; n < 4; n += 1) await send('POST', '/v1/tokens', { kind: 'join' });
    const ids: string[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const page = await send('GET', `/v1/tokens?limit=2${next && `&cursor=${next}`}`);
      ids.push(...page.json().items.map((item: { id: string }) => item.id));
      next = page.json().next;
    }
    expect(new Set(ids).size).toBe(5);
  });
});

describe('events over HTTP', () => {
  it('say what happened and who did it', async () => {
    const { send, clock } = await served();
    const { id } = (await send('POST', '/v1/tokens', { kind: 'join' })).json();
    await clock.advance(100);
    await send('DELETE', `/v1/tokens/${id}`);
    const { items } = (await send('GET', `/v1/events?subject=${id}`)).json();
    expect(items.map((event: { kind: string }) => event.kind)).toEqual([
      'token-deleted',
      'token-created',
    ]);
    expect(items[0].actor).toMatch(/^token:[0-9a-f]{12}$/);
    const page = (await send('GET', '/v1/events?limit=1')).json();
    const rest = (await send('GET', `/v1/events?kind=token-created&cursor=${page.next}`)).json();
    expect(rest).toMatchObject({ items: [{ subject: id }, {}], next: null });
    expect((await send('GET', '/v1/events?kind=nonsense')).statusCode).toBe(400);
  });
});

describe('health', () => {
  it('is open, and tells when the server is ready', async () => {
    const { app, state } = await served();
    expect((await app.inject('/healthz')).json()).toEqual({ status: 'ok' });
    expect((await app.inject('/readyz')).json()).toMatchObject({
      status: 503,
      code: 'unavailable',
    });
    state.ready = true;
    expect((await app.inject('/readyz')).statusCode).toBe(200);
  });

  it('gives metrics to this machine, and to others with a token', async () => {
    const { app, token } = await served();
    const near = await app.inject('/metrics');
    expect(near.body).toContain('jamesd_devices{phase="idle"} 3');
    expect((await app.inject('/metrics')).body).toContain(
      'jamesd_http_request_duration_seconds_count{method="GET",route="/metrics",status="200"} 1',
    );
    const far = { url: '/metrics', remoteAddress: '10.0.0.1' };
    expect((await app.inject(far)).statusCode).toBe(401);
    const proxied = { url: '/metrics', headers: { 'x-forwarded-for': '10.0.0.1' } };
    expect((await app.inject(proxied)).statusCode).toBe(401);
    const authorization = `Bearer ${token}`;
    expect((await app.inject({ ...far, headers: { authorization } })).statusCode).toBe(200);
  });
});
