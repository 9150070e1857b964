import { expect, it } from 'vitest';
import { createBroker } from '../../broker/broker.ts';
import { silentLog } from '../../proto/log.ts';
import { createSystemClock } from '../../server/system/clock.ts';
import { busSuite } from '../suites/bus-suite.ts';
import { runBroker } from './running-broker.ts';

busSuite('the embedded broker', async (hooks, retained) => {
  const broker = await createBroker({
    hooks,
    retained,
    tcp: { host: '127.0.0.1', port: 0 },
    log: silentLog,
    clock: createSystemClock(),
  });
  const { mqtt } = await broker.start();
  return { bus: broker, url: mqtt ?? '' };
});

it('says so when the port is taken', async () => {
  const { broker, url } = await runBroker();
  const tcp = { host: '127.0.0.1', port: Number(new URL(url).port) };
  await expect(runBroker({ tcp })).rejects.toMatchObject({ code: 'address-in-use' });
  await broker.stop();
});

it('needs no TCP listener', async () => {
  const { broker } = await runBroker({ tcp: null });
  expect(await broker.start()).toEqual({ mqtt: null });
  await broker.stop();
});
