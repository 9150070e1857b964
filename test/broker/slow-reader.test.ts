import { connect, type Socket } from 'node:net';
import mqtt from 'mqtt-packet';
import { afterEach, describe, expect, it } from 'vitest';
import type { BrokerLimits } from '../../broker/limits.ts';
import { deviceTopic } from '../../proto/topics.ts';
import { connectMqtt } from '../support/mqtt-client.ts';
import { until } from '../support/until.ts';
import { asDevice, type RunningBroker, runBroker } from './running-broker.ts';

const stuckTopic = deviceTopic('stuck', 'desired');
const healthyTopic = deviceTopic('healthy', 'desired');
const large = Buffer.alloc(60_000, 'x');
const sockets: Socket[] = [];
let running: RunningBroker;

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await running.broker.stop();
});

/** A device that subscribes and never reads again. */
async function openFrozen(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  sockets.push(socket.pause());
  socket.on('error', () => {});
  const { password, ...device } = asDevice('stuck');
  socket.write(
    mqtt.generate({
      cmd: 'connect',
      protocolVersion: 4,
      clean: true,
      keepalive: 60,
      ...device,
      password: Buffer.from(password),
    }),
  );
  socket.write(
    mqtt.generate({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [{ topic: stuckTopic, qos: 1 }],
    }),
  );
  return socket;
}

/** Publishes to the frozen device, then to a healthy one; ms until the healthy one has it. */
async function waitOfHealthy(limits: Partial<BrokerLimits>, messages: number): Promise<number> {
  running = await runBroker({ limits });
  const { broker, url } = running;
  const healthy = await connectMqtt(url, asDevice('healthy'));
  await healthy.subscribe(healthyTopic);
  await openFrozen(url);
  const probe = { topic: stuckTopic, payload: large, qos: 1 as const, retain: false };
  await until('the frozen device is subscribed', async () => {
    await broker.publish({ ...probe, payload: Buffer.from('?') });
    return broker.stats().delivered > 0;
  });
  for (let sent = 0; sent < messages; sent++) await broker.publish(probe);
  const begin = performance.now();
  await broker.publish({ ...probe, topic: healthyTopic });
  await healthy.message(healthyTopic);
  return performance.now() - begin;
}

describe('a reader that takes nothing', () => {
  it('is cut when its backlog is too large, and keeps nobody waiting', async () => {
    expect(await waitOfHealthy({}, 300)).toBeLessThan(1000);
    await until('it is cut', () => running.broker.stats().connections === 1);
    expect(running.broker.stats().slowConsumersCut).toBe(1);
    expect(running.presence).toContain('-stuck');
  });

  it('without the limit would keep all that it does not read in memory', async () => {
    const before = process.memoryUsage().arrayBuffers;
    await waitOfHealthy(
      { backlogBytes: Number.POSITIVE_INFINITY, totalBacklogBytes: Number.POSITIVE_INFINITY },
      // Far more than the garbage that others left behind and that is collected meanwhile.
      3000,
    );
    expect(running.broker.stats()).toMatchObject({ connections: 2, slowConsumersCut: 0 });
    expect(process.memoryUsage().arrayBuffers - before).toBeGreaterThan(30_000_000);
  });

  it('is cut when it makes no progress, however small its backlog', async () => {
    await waitOfHealthy({ drainMs: 50, backlogBytes: 100_000_000 }, 200);
    await until('it is cut', () => running.broker.stats().slowConsumersCut === 1);
    await until('it is gone', () => running.broker.stats().connections === 1);
  });

  it('shares a budget with other slow readers', async () => {
    await waitOfHealthy({ totalBacklogBytes: 200_000, backlogBytes: 100_000_000 }, 300);
    await until('it is cut', () => running.broker.stats().slowConsumersCut === 1);
  });
});

it('a reader that acknowledges nothing is cut', async () => {
  running = await runBroker({ limits: { unacknowledged: 10 } });
  const client = await connectMqtt(running.url, asDevice('a'));
  const topic = deviceTopic('a', 'desired');
  await client.subscribe(topic);
  const publish = () =>
    running.broker.publish({ topic, payload: Buffer.from('x'), qos: 1, retain: false });
  for (let sent = 0; sent < 30; sent++) {
    await publish();
    await client.message(topic, sent);
  }
  expect(client.closed()).toBe(false);
  for (let sent = 0; sent < 30; sent++) void publish();
  await client.untilClosed();
  expect(running.broker.stats().slowConsumersCut).toBeGreaterThan(0);
});

it('a reader that catches up is left alone', async () => {
  running = await runBroker({ limits: { drainMs: 200 } });
  const topic = deviceTopic('a', 'desired');
  const client = await connectMqtt(running.url, asDevice('a'));
  await client.subscribe(topic);
  client.stream.pause();
  for (let sent = 0; sent < 12; sent++) {
    await running.broker.publish({ topic, payload: large, qos: 1, retain: false });
  }
  client.stream.resume();
  await client.message(topic, 11);
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(client.closed()).toBe(false);
});
