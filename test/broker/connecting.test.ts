import mqtt from 'mqtt-packet';
import { afterEach, describe, expect, it } from 'vitest';
import { deviceTopic } from '../../proto/topics.ts';
import { connectMqtt, openMqtt } from '../support/mqtt-client.ts';
import { until } from '../support/until.ts';
import { asDevice, asOperator, type RunningBroker, runBroker } from './running-broker.ts';

let running: RunningBroker;
afterEach(() => running.broker.stop());

describe('client ids are bound to credentials', () => {
  it('a device cannot take the connection of another', async () => {
    running = await runBroker();
    const victim = await connectMqtt(running.url, asDevice('victim'));
    const thief = await openMqtt(running.url);
    const stolen = { clientId: 'victim', username: 'thief', password: 'secret of thief' };
    expect(await thief.connect(stolen)).toBe(2);
    expect(await victim.publish(deviceTopic('victim', 'reported'), 'still here')).toBe(true);
    expect(running.presence).toEqual(['+victim']);
  });

  it('nor can an operator, nor another token', async () => {
    running = await runBroker();
    const device = await connectMqtt(running.url, asDevice('a'));
    const alice = await connectMqtt(running.url, asOperator('a', 'alice'));
    const bob = await connectMqtt(running.url, asOperator('a', 'bob'));
    for (const client of [device, alice, bob]) expect(client.closed()).toBe(false);
    expect(running.presence).toEqual(['+a', '+token/alice/a', '+token/bob/a']);
    await running.broker.disconnect('token/alice/a');
    await alice.untilClosed();
    expect([device.closed(), bob.closed()]).toEqual([false, false]);
  });

  it('the same credential does take over', async () => {
    running = await runBroker();
    const first = await connectMqtt(running.url, asDevice('a'));
    const second = await connectMqtt(running.url, asDevice('a'));
    await first.untilClosed();
    expect(await second.publish(deviceTopic('a', 'reported'), 'x')).toBe(true);
    expect(running.presence).toEqual(['+a', '~a', '+a']);
    expect(running.broker.stats().connections).toBe(1);
  });

  it('an identity that is not the one claimed is refused', async () => {
    running = await runBroker({
      hooks: { authenticate: async () => ({ kind: 'device', device: 'other' }) },
    });
    expect(await (await openMqtt(running.url)).connect(asDevice('a'))).toBe(5);
    expect(await (await openMqtt(running.url)).connect(asOperator('a'))).toBe(5);
  });
});

describe('what CONNECT must say', () => {
  it.each([
    ['no credentials', { clientId: 'a' }, 4],
    ['no password', { clientId: 'a', username: 'a' }, 4],
    ['a wrong password', { clientId: 'a', username: 'a', password: 'guess' }, 5],
    [
      'an id that no device can have',
      { clientId: 'a/b', username: 'a/b', password: 'secret of a/b' },
      2,
    ],
    ['no client id', asOperator(''), 0],
    ['a session', { ...asDevice('a'), clean: false }, 0],
  ])('%s', async (_what, options, code) => {
    running = await runBroker();
    const client = await openMqtt(running.url);
    expect(await client.connect(options)).toBe(code);
    if (code !== 0) await client.untilClosed();
  });

  it('no client id, but a session [MQTT-3.1.3-8]', async () => {
    running = await runBroker();
    const client = await openMqtt(running.url);
    const connect = mqtt.generate({
      cmd: 'connect',
      clientId: '',
      clean: true,
      username: 'token',
      password: Buffer.from('token alice'),
    });
    // the flags stand after length, protocol name and level (section 3.1.2)
    connect[9] = (connect[9] ?? 0) & ~0x02;
    client.raw(connect);
    await client.untilClosed();
    expect(client.packets).toMatchObject([{ cmd: 'connack', returnCode: 2 }]);
  });

  it('no session is ever present [MQTT-3.2.2-1]', async () => {
    running = await runBroker();
    const options = { ...asDevice('a'), clean: false };
    const first = await connectMqtt(running.url, options);
    await first.subscribe(deviceTopic('a', 'desired'));
    await first.end();
    const second = await connectMqtt(running.url, options);
    expect(second.packets[0]).toMatchObject({ cmd: 'connack', sessionPresent: false });
    await running.broker.publish({
      topic: deviceTopic('a', 'desired'),
      payload: Buffer.from('x'),
      qos: 1,
      retain: false,
    });
    expect(running.broker.stats().delivered).toBe(0);
  });

  it('comes in time', async () => {
    running = await runBroker({ limits: { connectMs: 50 } });
    const client = await openMqtt(running.url);
    await client.untilClosed();
    expect(running.broker.stats().connections).toBe(0);
  });

  it('an idle connection ends even if the client asked for no keep-alive', async () => {
    running = await runBroker({ limits: { keepaliveSeconds: 0.1 } });
    const client = await connectMqtt(running.url, { ...asDevice('a'), keepalive: 0 });
    await client.untilClosed();
    expect(running.presence).toEqual(['+a', '-a']);
  });
});

describe('authentication', () => {
  it('that hangs is given up, and the next one works', async () => {
    let hang = true;
    running = await runBroker({
      limits: { authenticateMs: 50 },
      hooks: {
        authenticate: (clientId) =>
          hang ? new Promise(() => {}) : Promise.resolve({ kind: 'device', device: clientId }),
      },
    });
    const client = await openMqtt(running.url);
    expect(await client.connect(asDevice('a'))).toBe(3);
    await client.untilClosed();
    hang = false;
    expect(await (await openMqtt(running.url)).connect(asDevice('a'))).toBe(0);
  });

  it('that fails is the server’s fault', async () => {
    running = await runBroker({
      hooks: { authenticate: () => Promise.reject(new Error('store')) },
    });
    expect(await (await openMqtt(running.url)).connect(asDevice('a'))).toBe(3);
  });

  it('that succeeds after the client has gone announces nobody', async () => {
    let answer = (): void => {};
    running = await runBroker({
      hooks: {
        authenticate: (clientId) =>
          new Promise((resolve) => {
            answer = () => resolve({ kind: 'device', device: clientId });
          }),
      },
    });
    const client = await openMqtt(running.url);
    void client.connect(asDevice('a'));
    await until('it is asked', () => running.broker.stats().connections === 1);
    await client.end();
    await until('it is gone', () => running.broker.stats().connections === 0);
    answer();
    const next = await openMqtt(running.url);
    const connected = next.connect(asDevice('b'));
    await until('the next is asked', () => running.broker.stats().connections === 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    answer();
    expect(await connected).toBe(0);
    expect(running.presence).toEqual(['+b']);
  });
});

describe('how many', () => {
  it('sockets of one address that say nothing', async () => {
    running = await runBroker({ limits: { silentPerAddress: 3 } });
    const silent = await Promise.all([1, 2, 3].map(() => openMqtt(running.url)));
    await until('they are accepted', () => running.broker.stats().connections === 3);
    const refused = await openMqtt(running.url);
    await refused.untilClosed();
    expect(await silent[0]?.connect(asDevice('a'))).toBe(0);
    const room = await openMqtt(running.url);
    expect(await room.connect(asDevice('b'))).toBe(0);
  });

  it('connections altogether', async () => {
    running = await runBroker({ limits: { connections: 1 } });
    const first = await connectMqtt(running.url, asDevice('a'));
    await (await openMqtt(running.url)).untilClosed();
    await first.end();
    await until('there is room', () => running.broker.stats().connections === 0);
    await connectMqtt(running.url, asDevice('b'));
  });

  it('subscriptions of one client', async () => {
    running = await runBroker({ limits: { subscriptionsPerClient: 2 } });
    const page = await connectMqtt(running.url, asOperator('page'));
    const topics = ['a', 'b', 'c'].map((id) => deviceTopic(id, 'reported'));
    expect(await page.subscribe(...topics)).toEqual([1, 1, 0x80]);
    expect(await page.subscribe(topics[0] ?? '')).toEqual([1]);
    await page.unsubscribe(topics[1] ?? '');
    expect(await page.subscribe(topics[2] ?? '')).toEqual([1]);
  });
});
