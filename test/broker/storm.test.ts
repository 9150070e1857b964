import { afterEach, expect, it } from 'vitest';
import { createAdmission } from '../../broker/admission.ts';
import { newCounters } from '../../broker/counters.ts';
import { defaultLimits } from '../../broker/limits.ts';
import { deviceTopic } from '../../proto/topics.ts';
import { createSystemClock } from '../../server/system/clock.ts';
import { openMqtt } from '../support/mqtt-client.ts';
import { until } from '../support/until.ts';
import { asDevice, type RunningBroker, runBroker } from './running-broker.ts';

let running: RunningBroker | undefined;
afterEach(async () => {
  await running?.broker.stop();
  running = undefined;
});

const ids = (count: number): string[] => Array.from({ length: count }, (_, at) => `d${at}`);

/** A whole fleet connects and subscribes at once; what CONNACK said to each. */
async function storm(url: string, devices: string[]): Promise<(number | 'closed')[]> {
  const clients = await Promise.all(
    devices.map(async (id) => ({ id, client: await openMqtt(url) })),
  );
  const codes = await Promise.all(
    clients.map(async ({ id, client }) => {
      const code = await client.connect(asDevice(id));
      if (code === 0) {
        await client.subscribe(deviceTopic(id, 'desired'));
        await client.message(deviceTopic(id, 'desired'));
      }
      return code;
    }),
  );
  await Promise.all(clients.map(({ client }) => client.end()));
  return codes;
}

it('500 devices that come at once are all taken in and get what is retained', async () => {
  running = await runBroker({ limits: { connectsPerSecond: 150, connectBurst: 20 } });
  const devices = ids(500);
  for (const id of devices) running.bodies.set(deviceTopic(id, 'desired'), Buffer.from(id));
  expect(new Set(await storm(running.url, devices))).toEqual(new Set([0]));
  expect(running.broker.stats()).toMatchObject({ connectsRefused: 0 });
  expect(running.broker.stats().connectsDelayed).toBeGreaterThan(100);
});

it('those who cannot be served in time are told at once, and come again later', async () => {
  running = await runBroker({
    limits: { connectsPerSecond: 200, connectBurst: 10, connectsWaiting: 50 },
  });
  let left = ids(150);
  for (const id of left) running.bodies.set(deviceTopic(id, 'desired'), Buffer.from(id));
  let rounds = 0;
  while (left.length > 0 && rounds++ < 20) {
    const codes = await storm(running.url, left);
    left = left.filter((_, at) => codes[at] === 3);
  }
  expect(left).toEqual([]);
  expect(rounds).toBeGreaterThan(1);
  expect(running.broker.stats().connectsRefused).toBeGreaterThan(0);
});

it('nobody is worked for who has given up', async () => {
  let asked = 0;
  running = await runBroker({
    limits: { connectsPerSecond: 5, connectBurst: 1 },
    hooks: {
      authenticate: async (clientId) => {
        asked++;
        return { kind: 'device', device: clientId };
      },
    },
  });
  const clients = await Promise.all(ids(30).map(() => openMqtt(running?.url ?? '')));
  clients.forEach((client, at) => void client.connect(asDevice(`d${at}`)));
  await until('most wait', () => (running?.broker.stats().connectsDelayed ?? 0) >= 20);
  await Promise.all(clients.map((client) => client.end()));
  const late = await openMqtt(running.url);
  expect(await late.connect(asDevice('late'))).toBe(0);
  expect(asked).toBeLessThan(15);
});

it('addresses take turns', () => {
  const order: string[] = [];
  const timers: (() => void)[] = [];
  let now = 0;
  const admission = createAdmission({
    limits: { ...defaultLimits, connectsPerSecond: 100, connectBurst: 1 },
    counters: newCounters(),
    clock: {
      ...createSystemClock(),
      monotonic: () => now,
      after: (_ms, callback) => {
        timers.push(callback);
        return () => {};
      },
    },
  });
  const apply = (address: string) =>
    admission.apply({
      address,
      gone: () => false,
      admit: () => order.push(address),
      refuse: () => order.push(`refused ${address}`),
    });
  for (const address of ['flood', 'flood', 'flood', 'flood', 'other', 'third']) apply(address);
  const tick = (ms: number): void => {
    now += ms;
    timers.shift()?.();
  };
  for (let turn = 0; turn < 4; turn++) tick(10);
  expect(order).toEqual(['flood', 'flood', 'other', 'third', 'flood']);
  tick(defaultLimits.connectWaitMs + 1);
  expect(order.at(-1)).toBe('refused flood');
});
