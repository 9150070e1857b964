import { expect, it } from 'vitest';
import { createPublishWindow } from '../../broker/publish-window.ts';
import { deviceTopic } from '../../proto/topics.ts';
import { connectMqtt } from '../support/mqtt-client.ts';
import { asDevice, runBroker } from './running-broker.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('lets so many run in a turn of the event loop, in order', async () => {
  const window = createPublishWindow(3);
  const ran: number[] = [];
  const calls = Array.from({ length: 10 }, (_, at) => window.run(() => ran.push(at)));
  expect(ran).toEqual([0, 1, 2]);
  await turn();
  expect(ran).toEqual([0, 1, 2, 3, 4, 5]);
  await Promise.all(calls);
  expect(ran).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  await turn();
  await turn();
  void window.run(() => ran.push(10));
  expect(ran.at(-1)).toBe(10);
});

it('does nothing any more once it is closed, but answers', async () => {
  const window = createPublishWindow(1);
  let ran = 0;
  const calls = [1, 2, 3].map(() => window.run(() => ran++));
  window.close();
  await Promise.all(calls);
  expect(ran).toBe(1);
});

it('rejects with what the work throws, now or later, and goes on', async () => {
  const window = createPublishWindow(1);
  const fail = () => {
    throw new Error('no');
  };
  const calls = [window.run(fail), window.run(fail), window.run(() => {})];
  const outcomes = await Promise.allSettled(calls);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
});

it('sockets are served while a fleet is published to', async () => {
  const { broker, url } = await runBroker({ limits: { publishesPerTurn: 10 } });
  const a = await connectMqtt(url, asDevice('a'));
  let published = 0;
  const all = Promise.all(
    Array.from({ length: 20_000 }, async (_, at) => {
      const topic = deviceTopic(`d${at}`, 'desired');
      await broker.publish({ topic, payload: Buffer.from('x'), qos: 1, retain: true });
      published++;
    }),
  );
  expect(await a.publish(deviceTopic('a', 'reported'), 'meanwhile')).toBe(true);
  expect(published).toBeLessThan(20_000);
  await all;
  await broker.stop();
});
