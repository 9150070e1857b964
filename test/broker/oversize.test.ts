import { afterEach, describe, expect, it } from 'vitest';
import { deviceTopic } from '../../proto/topics.ts';
import { connectMqtt, openMqtt } from '../support/mqtt-client.ts';
import { until } from '../support/until.ts';
import { asDevice, type RunningBroker, runBroker } from './running-broker.ts';

let running: RunningBroker;
afterEach(() => running.broker.stop());

/** A PUBLISH that announces 256 MiB. */
const announcement = Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]);
const chunk = Buffer.alloc(1_000_000, 'x');

/** Sends the announcement and up to `megabytes` of it; how many bytes of memory the process gained at most. */
async function flood(megabytes: number): Promise<number> {
  const client = await openMqtt(running.url);
  const before = process.memoryUsage();
  let gained = 0;
  client.raw(announcement);
  for (let sent = 0; sent < megabytes && !client.closed(); sent++) {
    client.stream.write(chunk);
    await until('it is written', () => client.stream.writableLength === 0 || client.closed());
    const { arrayBuffers, external } = process.memoryUsage();
    gained = Math.max(gained, arrayBuffers + external - before.arrayBuffers - before.external);
  }
  return gained;
}

describe('a packet of 200 MB before CONNECT', () => {
  it('ends the connection at its header, and costs no memory', async () => {
    running = await runBroker();
    expect(await flood(200)).toBeLessThan(20_000_000);
    await until('it is cut', () => running.broker.stats().connections === 0);
    expect(running.broker.stats().oversizeCut).toBe(1);
  });

  it('without the limit would be gathered in memory', async () => {
    running = await runBroker({ limits: { packetBytes: 2 ** 28 } });
    expect(await flood(100)).toBeGreaterThan(50_000_000);
    expect(running.broker.stats()).toMatchObject({ oversizeCut: 0, connections: 1 });
  });
});

it('a packet above the limit ends an authenticated connection, one below does not', async () => {
  running = await runBroker();
  const a = await connectMqtt(running.url, asDevice('a'));
  const topic = deviceTopic('a', 'reported');
  expect(await a.publish(topic, 'x'.repeat(64 * 1024 - topic.length - 4))).toBe(true);
  expect(await a.publish(topic, 'x'.repeat(64 * 1024 - topic.length - 3))).toBe(false);
  expect(running.broker.stats().oversizeCut).toBe(1);
  expect(running.received).toHaveLength(1);
});

it('a header that never ends is malformed', async () => {
  running = await runBroker();
  const client = await openMqtt(running.url);
  client.raw(Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0xff]));
  await client.untilClosed();
});
