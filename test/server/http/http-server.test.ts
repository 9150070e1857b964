import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../proto/log.ts';
import type { Routes } from '../../../server/http/app.ts';
import { createHttpServer } from '../../../server/http/http-server.ts';
import { createSystemClock } from '../../../server/system/clock.ts';
import { asOperator, testApp } from '../../support/test-app.ts';
import { until } from '../../support/until.ts';

function served(graceMs = 10_000) {
  const stopping = new AbortController();
  const state = { waiting: 0 };
  const routes: Routes = (app) => {
    app.get('/poll', { config: { access: ['operator'] } }, async () => {
      state.waiting += 1;
      await new Promise((resolve) => stopping.signal.addEventListener('abort', resolve));
      return { polled: true };
    });
    app.get('/never', { config: { access: ['operator'] } }, () => {
      state.waiting += 1;
      return new Promise(() => undefined);
    });
  };
  const app = testApp([routes]);
  const address = { host: '127.0.0.1', port: 0 };
  const clock = createSystemClock();
  const server = createHttpServer({ app, address, clock, log: silentLog, stopping, graceMs });
  return { server, state };
}

describe('the HTTP server', () => {
  it('stops when long polls are answered, though connections are kept alive', async () => {
    const { server, state } = served();
    const url = await server.start();
    const idle = connect(Number(new URL(url).port), '127.0.0.1');
    await once(idle, 'connect');
    const poll = fetch(`${url}/v1/poll`, { headers: asOperator });
    await until('the poll waits', () => state.waiting === 1);
    const begun = performance.now();
    await Promise.all([server.stop(), once(idle.resume(), 'close')]);
    expect(await (await poll).json()).toEqual({ polled: true });
    expect(performance.now() - begun).toBeLessThan(5000);
  });

  it('cuts what does not end', async () => {
    const { server, state } = served(50);
    const url = await server.start();
    const never = fetch(`${url}/v1/never`, { headers: asOperator });
    await until('the request is there', () => state.waiting === 1);
    await Promise.all([server.stop(), expect(never).rejects.toThrow()]);
  });

  it('says that an address is taken', async () => {
    const first = served();
    const url = await first.server.start();
    const second = createHttpServer({
      app: testApp([]),
      address: { host: '127.0.0.1', port: Number(new URL(url).port) },
      clock: createSystemClock(),
      log: silentLog,
      stopping: new AbortController(),
    });
    await expect(second.start()).rejects.toMatchObject({ code: 'address-in-use' });
    await first.server.stop();
  });
});
