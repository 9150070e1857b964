import { describe, expect, it, onTestFinished } from 'vitest';
import { createMqttTransport } from '../../../agent/transports/mqtt-transport.ts';
import { deviceTopic } from '../../../proto/topics.ts';
import { createSystemClock } from '../../../server/system/clock.ts';
import { transportSuite, witness } from '../../suites/transport-suite.ts';
import { startMqttPeer } from '../../support/mqtt-peer.ts';
import { startProxy } from '../../support/proxy.ts';
import { until } from '../../support/until.ts';

const device = 'buoy-17';
const desired = deviceTopic(device, 'desired');
const clock = createSystemClock();
const create = (port: number, more: { keepaliveS?: number; timeoutMs?: number } = {}) =>
  createMqttTransport({
    url: `mqtt://127.0.0.1:${port}`,
    device,
    secret: () => 'secret',
    clock,
    random: () => 0.5,
    backoff: { baseMs: 20, capMs: 100 },
    ...more,
  });

transportSuite('MQTT', async () => {
  const peer = await startMqttPeer();
  return {
    transport: create(peer.port),
    publish: (content) => peer.retain(desired, content),
    reports: () => peer.received.map(({ payload }) => payload.toString()),
    holdReports: peer.holdAcks,
    down: peer.down,
    up: peer.up,
    cut: peer.cut,
    refuseCredentials: () => peer.answerConnects(5),
    close: peer.down,
  };
});

describe('MQTT', () => {
  const begin = async (more: { keepaliveS?: number; timeoutMs?: number } = {}) => {
    const peer = await startMqttPeer();
    const proxy = await startProxy(peer.port);
    const transport = create(proxy.port, more);
    onTestFinished(async () => {
      await transport.stop();
      await proxy.close();
      await peer.down();
    });
    return { peer, proxy, transport, seen: witness(transport) };
  };

  it('connects as the device, with a clean session and without a will', async () => {
    const { peer, seen } = await begin();
    seen.start();
    await until('connected', seen.connected);
    expect(peer.connects).toHaveLength(1);
    expect(peer.connects[0]).toMatchObject({
      clientId: device,
      username: device,
      clean: true,
      keepalive: 60,
      protocolVersion: 4,
    });
    expect(peer.connects[0]?.password?.toString()).toBe('secret');
    expect(peer.connects[0]?.will).toBeUndefined();
  });

  it('reports are retained and of QoS 1, progress and log are neither', async () => {
    const { peer, transport, seen } = await begin();
    seen.start();
    await until('connected', seen.connected);
    await transport.report(Buffer.from('r'));
    transport.progress(Buffer.from('p'));
    transport.log(Buffer.from('l'));
    await until('all arrive', () => peer.received.length === 3);
    expect(peer.received.map(({ topic, qos, retain }) => [topic, qos, retain])).toEqual([
      [deviceTopic(device, 'reported'), 1, true],
      [deviceTopic(device, 'progress'), 0, false],
      [deviceTopic(device, 'log'), 0, false],
    ]);
  });

  it('notices within 1.5 keep-alive intervals that all is swallowed on the way, and connects anew', async () => {
    const { peer, proxy, seen } = await begin({ keepaliveS: 1 });
    peer.retain(desired, 'first');
    seen.start();
    await until('connected', seen.connected);
    const from = performance.now();
    proxy.swallow(true);
    await until('noticed', () => !seen.connected());
    expect(performance.now() - from).toBeLessThan(1500 + 250);
    expect(seen.states.at(-1)).toMatchObject({ kind: 'disconnected', cause: 'lost' });
    peer.retain(desired, 'second');
    proxy.swallow(false);
    await until('the second arrives', () => seen.desired.at(-1) === 'second');
  });

  it('gives up an attempt without CONNACK in time, and tries again', async () => {
    const { peer, seen } = await begin({ timeoutMs: 100 });
    peer.answerConnects(null);
    seen.start();
    await until('given up', () => seen.states.length > 0);
    expect(seen.states[0]).toMatchObject({ kind: 'disconnected', cause: 'timeout', upMs: 0 });
    peer.answerConnects(0);
    await until('connected', seen.connected);
  });

  it('a refused subscription is no connection', async () => {
    const { peer, seen } = await begin();
    peer.grant(128);
    seen.start();
    await until('refused', () => seen.states.length > 0);
    expect(seen.states[0]).toMatchObject({ kind: 'disconnected', cause: 'credentials' });
  });

  it('ends in time also where everything is swallowed, with a report under way', async () => {
    const { peer, proxy, transport, seen } = await begin();
    seen.start();
    await until('connected', seen.connected);
    proxy.swallow(true);
    await transport.stop();
    proxy.swallow(false);
    seen.start();
    await until('connected again', () => peer.connects.length === 2 && seen.connected());
    proxy.swallow(true);
    const report = transport.report(Buffer.from('r')).catch((error: unknown) => error);
    await transport.stop();
    expect(await report).toMatchObject({ code: 'server-unreachable' });
  });

  it('ignores topics that it did not ask for', async () => {
    const { peer, seen } = await begin();
    peer.retain(desired, 'mine');
    seen.start();
    await until('connected', seen.connected);
    await until('mine arrives', () => seen.desired.length > 0);
    expect(seen.desired).toEqual(['mine']);
  });
});
