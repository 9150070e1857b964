import { afterEach, describe, expect, it } from 'vitest';
import { deviceTopic } from '../../proto/topics.ts';
import { connectMqtt } from '../support/mqtt-client.ts';
import { until } from '../support/until.ts';
import { asDevice, asOperator, type RunningBroker, runBroker } from './running-broker.ts';

let running: RunningBroker;
afterEach(() => running.broker.stop());
const topic = deviceTopic('a', 'reported');
const publish = (messageId: number, payload: string, qos: 1 | 2 = 1) =>
  ({ cmd: 'publish', topic, payload, qos, messageId, dup: false, retain: false }) as const;

it('acknowledges in the order of arrival, though a later message is taken in sooner [MQTT-4.6.0-2]', async () => {
  const release: (() => void)[] = [];
  running = await runBroker({
    hooks: { received: () => new Promise((resolve) => release.push(resolve)) },
  });
  const a = await connectMqtt(running.url, asDevice('a'));
  for (const id of [1, 2, 3]) a.send(publish(id, `${id}`));
  await until('all are being taken in', () => release.length === 3);
  release[2]?.();
  release[1]?.();
  release[0]?.();
  await until(
    'all are acknowledged',
    () => a.packets.filter(({ cmd }) => cmd === 'puback').length === 3,
  );
  const acknowledged = a.packets
    .filter(({ cmd }) => cmd === 'puback')
    .map(({ messageId }) => messageId);
  expect(acknowledged).toEqual([1, 2, 3]);
});

it('a message of QoS 2 that is sent again is taken in once [MQTT-4.3.3-2]', async () => {
  running = await runBroker();
  const page = await connectMqtt(running.url, asOperator('page'));
  await page.subscribe(topic);
  const a = await connectMqtt(running.url, asDevice('a'));
  a.send(publish(7, 'once', 2));
  await until('PUBREC', () => a.packets.some(({ cmd }) => cmd === 'pubrec'));
  a.send({ ...publish(7, 'once', 2), dup: true });
  await until('PUBREC again', () => a.packets.filter(({ cmd }) => cmd === 'pubrec').length === 2);
  a.send({ cmd: 'pubrel', messageId: 7 });
  await until('PUBCOMP', () => a.packets.some(({ cmd }) => cmd === 'pubcomp'));
  a.send(publish(7, 'another', 2));
  await until('the other', () => page.messages().length === 2);
  expect(running.received.map(({ message }) => String(message.payload))).toEqual([
    'once',
    'another',
  ]);
  expect(page.messages().map(({ payload, qos }) => [String(payload), qos])).toEqual([
    ['once', 1],
    ['another', 1],
  ]);
});

describe('a client that publishes without end', () => {
  it('is read at the pace that is allowed, and loses nothing', async () => {
    running = await runBroker({ limits: { publishesPerSecond: 100, publishBurst: 10 } });
    const a = await connectMqtt(running.url, asDevice('a'));
    const begin = performance.now();
    for (let id = 1; id <= 50; id++) a.send(publish(id, `${id}`));
    await until('the first', () => running.received.length >= 10);
    expect(running.received.length).toBeLessThan(40);
    await until('all', () => running.received.length === 50);
    expect(performance.now() - begin).toBeGreaterThan(380);
    expect(running.received.map(({ message }) => Number(String(message.payload)))).toEqual(
      Array.from({ length: 50 }, (_, at) => at + 1),
    );
  });
});

it('a retained report is copied: it does not hold the chunk of the socket that it came in', async () => {
  running = await runBroker();
  const a = await connectMqtt(running.url, asDevice('a'));
  const payload = 'kept';
  await a.publish(topic, payload, { retain: true });
  const page = await connectMqtt(running.url, asOperator('page'));
  await page.subscribe(topic);
  expect(String((await page.message(topic)).payload)).toBe(payload);
});
