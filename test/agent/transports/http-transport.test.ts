import { describe, expect, it, onTestFinished } from 'vitest';
import { createHttpClient } from '../../../agent/transports/http-client.ts';
import { createHttpTransport } from '../../../agent/transports/http-transport.ts';
import { silentLog } from '../../../proto/log.ts';
import { createSystemClock } from '../../../server/system/clock.ts';
import { transportSuite, witness } from '../../suites/transport-suite.ts';
import { startDesiredPeer } from '../../support/desired-peer.ts';
import { startProxy } from '../../support/proxy.ts';
import { until } from '../../support/until.ts';

const device = 'buoy-17';
const authorization = `Basic ${Buffer.from(`${device}:secret`).toString('base64')}`;
const clock = createSystemClock();

function create(port: number, more: { pollMs?: number; knownEtag?: () => string | null } = {}) {
  const http = createHttpClient({
    server: new URL(`http://127.0.0.1:${port}`),
    authorization: () => authorization,
    clock,
  });
  const transport = createHttpTransport({
    http,
    device,
    pollMs: 100,
    knownEtag: () => null,
    clock,
    random: () => 0.5,
    log: silentLog,
    backoff: { baseMs: 20, capMs: 100 },
    ...more,
  });
  return { http, transport };
}

transportSuite('HTTP', async () => {
  const peer = await startDesiredPeer(authorization);
  const { http, transport } = create(peer.port);
  return {
    transport,
    publish: peer.publish,
    reports: () => peer.reports,
    holdReports: peer.holdReports,
    down: peer.down,
    up: peer.up,
    cut: peer.cut,
    refuseCredentials: () => peer.answer(401),
    async close() {
      http.stop();
      await peer.down();
    },
  };
});

describe('HTTP', () => {
  const begin = async (more: { pollMs?: number; knownEtag?: () => string | null } = {}) => {
    const peer = await startDesiredPeer(authorization);
    const proxy = await startProxy(peer.port);
    const { http, transport } = create(proxy.port, more);
    onTestFinished(async () => {
      await transport.stop();
      http.stop();
      await proxy.close();
      await peer.down();
    });
    return { peer, proxy, transport, seen: witness(transport) };
  };

  it('asks first without waiting, then has the server hold the request', async () => {
    const { peer, seen } = await begin();
    peer.publish('first');
    seen.start();
    await until('a held request', () => peer.asked.length === 2);
    expect(peer.asked.map(({ etag, prefer }) => [etag, prefer])).toEqual([
      [undefined, undefined],
      ['"1"', 'wait=240'],
    ]);
  });

  it('does not fetch the document again that the agent has', async () => {
    const { peer, seen } = await begin({ knownEtag: () => '"1"' });
    peer.publish('first');
    seen.start();
    await until('a held request', () => peer.asked.length === 2);
    expect(seen.desired).toEqual([]);
    expect(seen.connected()).toBe(true);
  });

  it('polls at the interval where long requests are cut', async () => {
    const { peer, proxy, seen } = await begin({ pollMs: 40 });
    proxy.cutAfter(60);
    peer.publish('first');
    seen.start();
    const last = () => peer.asked.slice(-3).map(({ prefer }) => prefer);
    await until('polling', () => peer.asked.length > 6 && last().every((prefer) => !prefer));
    const held = peer.asked.flatMap(({ prefer }) => prefer ?? []);
    expect([...new Set(held)]).toEqual(['wait=240', 'wait=50']);
    peer.publish('second');
    await until('the second arrives', () => seen.desired.includes('second'));
  });

  it('polls where a gateway answers long requests with 504', async () => {
    const { peer, seen } = await begin({ pollMs: 40 });
    const { asked } = peer;
    peer.publish('first');
    seen.start();
    for (let cuts = 1; cuts <= 4; cuts += 1) {
      await until(
        `held request ${cuts}`,
        () => asked.filter(({ prefer }) => prefer).length === cuts,
      );
      peer.answer(504);
      peer.cut();
      await until('a probe fails', () => !seen.connected());
      peer.answer(null);
    }
    await until('polling', () => asked.slice(-3).every(({ prefer }) => !prefer));
  });

  it('does not turn in a circle where a server holds nothing', async () => {
    const { peer, seen } = await begin({ pollMs: 200 });
    peer.answer(304);
    seen.start();
    await until('connected', seen.connected);
    const before = performance.now();
    let requests = 0;
    peer.answer(200, 'same', { etag: '"same"' });
    const watch = setInterval(() => {
      requests = seen.desired.length;
    }, 5);
    await until('two answers', () => seen.desired.length >= 3);
    clearInterval(watch);
    expect(requests).toBeLessThanOrEqual(3);
    expect(performance.now() - before).toBeGreaterThan(200);
  });

  it('does as Retry-After says', async () => {
    const { peer, seen } = await begin();
    peer.answer(503, '', { 'retry-after': '1' });
    seen.start();
    await until('refused', () => seen.states.length === 1);
    const from = performance.now();
    peer.answer(null);
    await until('connected', seen.connected);
    expect(performance.now() - from).toBeGreaterThan(900);
  });

  it('tells a report that the server does not take from one that it could not take now', async () => {
    const { peer, transport, seen } = await begin();
    peer.publish('first');
    seen.start();
    await until('connected', seen.connected);
    const send = (): Promise<void> => transport.report(Buffer.from('r'));
    const problem = JSON.stringify({ code: 'bad-message', detail: 'seq is missing' });
    peer.answer(400, problem);
    await expect(send()).rejects.toMatchObject({
      code: 'bad-message',
      message: expect.stringContaining('seq is missing'),
    });
    peer.answer(500, '<html>');
    await expect(send()).rejects.toMatchObject({ code: 'unavailable' });
  });
});
