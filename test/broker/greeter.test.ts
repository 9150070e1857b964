import { afterEach, expect, it } from 'vitest';
import { deviceTopic } from '../../proto/topics.ts';
import { connectMqtt } from '../support/mqtt-client.ts';
import { until } from '../support/until.ts';
import { asDevice, type RunningBroker, runBroker } from './running-broker.ts';

let running: RunningBroker;
afterEach(() => running.broker.stop());
const topic = deviceTopic('a', 'desired');
const retained = (load: () => Promise<Uint8Array | undefined>) => ({
  owns: (name: string) => name === topic,
  load,
});

it('a body that was loading when a newer one went out is not sent after it', async () => {
  let answer = (_body: Uint8Array): void => {};
  const body = new Promise<Uint8Array>((resolve) => {
    answer = resolve;
  });
  running = await runBroker({ retained: retained(() => body) });
  const a = await connectMqtt(running.url, asDevice('a'));
  await a.subscribe(topic);
  await running.broker.publish({ topic, payload: Buffer.from('new'), qos: 1, retain: true });
  answer(Buffer.from('old'));
  await a.message(topic);
  await running.broker.publish({ topic, payload: Buffer.from('mark'), qos: 1, retain: true });
  await a.message(topic, 1);
  expect(a.messages().map(({ payload }) => String(payload))).toEqual(['new', 'mark']);
});

it.each([
  ['later', () => Promise.reject(new Error('disk'))],
  [
    'at once',
    () => {
      throw new Error('disk');
    },
  ],
])(
  'a device whose state cannot be loaded, found out %s, is sent away, to come again',
  async (_when, load) => {
    running = await runBroker({ retained: retained(load) });
    const a = await connectMqtt(running.url, asDevice('a'));
    await a.subscribe(topic);
    await a.untilClosed();
  },
);

it('nothing is sent to who has unsubscribed meanwhile', async () => {
  let answer = (_body: Uint8Array): void => {};
  const body = new Promise<Uint8Array>((resolve) => {
    answer = resolve;
  });
  running = await runBroker({ retained: retained(() => body) });
  const a = await connectMqtt(running.url, asDevice('a'));
  await a.subscribe(topic);
  await a.unsubscribe(topic);
  answer(Buffer.from('late'));
  await a.publish(deviceTopic('a', 'reported'), 'x');
  await until('it is taken in', () => running.received.length === 1);
  expect(a.messages()).toEqual([]);
});
