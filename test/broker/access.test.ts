import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deviceTopic, FLEET_SUMMARY_TOPIC, VIEWER_FILTERS } from '../../proto/topics.ts';
import { connectMqtt, type MqttClient, openMqtt } from '../support/mqtt-client.ts';
import { until } from '../support/until.ts';
import { asDevice, asOperator, type RunningBroker, runBroker } from './running-broker.ts';

let running: RunningBroker;
let a: MqttClient;
beforeEach(async () => {
  running = await runBroker();
  a = await connectMqtt(running.url, asDevice('a'));
});
afterEach(() => running.broker.stop());

const publish = (topic: string, text: string) =>
  running.broker.publish({ topic, payload: Buffer.from(text), qos: 1, retain: true });

describe('what a device may hear', () => {
  it.each([
    '#',
    '+/#',
    'jamesd/#',
    deviceTopic('+', 'desired'),
    deviceTopic('a', 'desired').replace('desired', '#'),
    '$SYS/#',
    '$SYS/+/new/clients',
  ])('not %s', async (filter) => {
    running.bodies.set(deviceTopic('b', 'desired'), Buffer.from('secret'));
    expect(await a.subscribe(filter, deviceTopic('a', 'desired'))).toEqual([0x80, 1]);
    await publish(deviceTopic('b', 'desired'), 'secret');
    await publish(deviceTopic('a', 'desired'), 'mine');
    await a.message(deviceTopic('a', 'desired'));
    expect(a.messages().map(({ topic }) => topic)).toEqual([deviceTopic('a', 'desired')]);
    expect(running.broker.stats().denied).toBe(1);
  });

  it('not what another device is to have', async () => {
    running.bodies.set(deviceTopic('b', 'desired'), Buffer.from('secret'));
    expect(await a.subscribe(deviceTopic('b', 'desired'))).toEqual([0x80]);
    expect(await a.subscribe(FLEET_SUMMARY_TOPIC)).toEqual([0x80]);
    expect(a.messages()).toEqual([]);
  });
});

describe('what a device may say', () => {
  it.each([
    ['a report of another', deviceTopic('b', 'reported'), false],
    ['its own desired state', deviceTopic('a', 'desired'), true],
    ['its own presence', deviceTopic('a', 'presence'), true],
    ['retained progress', deviceTopic('a', 'progress'), true],
    ['the summary', FLEET_SUMMARY_TOPIC, true],
    ['$SYS', '$SYS/x/new/clients', false],
    ['anything else', 'elsewhere', false],
  ])('not %s', async (_what, topic, retain) => {
    const page = await connectMqtt(running.url, asOperator('page'));
    await page.subscribe(deviceTopic('b', 'reported'), ...VIEWER_FILTERS);
    expect(await a.publish(topic, 'a', { retain })).toBe(false);
    await a.untilClosed();
    expect(running.received).toEqual([]);
    expect(page.closed()).toBe(false);
    expect(page.messages()).toEqual([]);
    expect(running.broker.stats()).toMatchObject({ denied: 1, retainedTopics: 0 });
  });

  it('a forged $SYS message disconnects nobody', async () => {
    const b = await connectMqtt(running.url, asDevice('b'));
    await a.publish('$SYS/other/new/clients', 'b');
    await a.untilClosed();
    expect(await b.publish(deviceTopic('b', 'reported'), 'still here')).toBe(true);
  });

  it('its reports, progress and log', async () => {
    expect(await a.publish(deviceTopic('a', 'reported'), 'r', { retain: true })).toBe(true);
    expect(await a.publish(deviceTopic('a', 'log'), 'l')).toBe(true);
    await a.publish(deviceTopic('a', 'progress'), 'p', { qos: 0 });
    expect(await a.publish(deviceTopic('a', 'log'), 'l')).toBe(true);
    expect(running.received.map(({ message }) => [message.topic, message.qos])).toEqual([
      [deviceTopic('a', 'reported'), 1],
      [deviceTopic('a', 'log'), 1],
      [deviceTopic('a', 'progress'), 0],
      [deviceTopic('a', 'log'), 1],
    ]);
  });
});

describe('wills', () => {
  it.each([
    deviceTopic('b', 'presence'),
    deviceTopic('a', 'desired'),
    FLEET_SUMMARY_TOPIC,
    '$SYS/x/new/clients',
  ])('a will on %s refuses the connection', async (topic) => {
    const client = await openMqtt(running.url);
    const will = { topic, payload: Buffer.from('dead'), qos: 1 as const, retain: true };
    expect(await client.connect({ ...asDevice('a'), will })).toBe(5);
    await client.untilClosed();
    expect(a.closed()).toBe(false);
  });

  it('a will on the own presence is allowed and left to the server', async () => {
    const topic = deviceTopic('c', 'presence');
    const page = await connectMqtt(running.url, asOperator('page'));
    await page.subscribe(topic);
    const will = { topic, payload: Buffer.from('dead'), qos: 1 as const, retain: true };
    const c = await connectMqtt(running.url, { ...asDevice('c'), will });
    await c.end();
    await until('it is gone', () => running.presence.includes('-c'));
    await publish(topic, 'mark');
    await page.message(topic);
    expect(page.messages().map(({ payload }) => String(payload))).toEqual(['mark']);
  });
});

describe('an operator', () => {
  it('sees the whole fleet through the viewer filters, and devices that it names', async () => {
    const page = await connectMqtt(running.url, asOperator('page'));
    const filters = [...VIEWER_FILTERS, deviceTopic('a', 'reported')];
    expect(await page.subscribe(...filters)).toEqual(filters.map(() => 1));
    await publish(FLEET_SUMMARY_TOPIC, 'all well');
    await a.publish(deviceTopic('a', 'reported'), 'mine');
    expect(String((await page.message(FLEET_SUMMARY_TOPIC)).payload)).toBe('all well');
    expect(String((await page.message(deviceTopic('a', 'reported'))).payload)).toBe('mine');
  });

  it('gets what is retained below a filter', async () => {
    await publish(FLEET_SUMMARY_TOPIC, 'kept');
    const page = await connectMqtt(running.url, asOperator('page'));
    await page.subscribe(...VIEWER_FILTERS);
    expect(await page.message(FLEET_SUMMARY_TOPIC)).toMatchObject({ retain: true });
  });

  it('publishes nothing', async () => {
    const page = await connectMqtt(running.url, asOperator('page'));
    expect(await page.publish(deviceTopic('a', 'desired'), 'x')).toBe(false);
  });
});
