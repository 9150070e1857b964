import { afterEach, describe, expect, it } from 'vitest';
import type { Bus, BusHooks, Identity, RetainedSource } from '../../broker/bus.ts';
import { JamesError } from '../../proto/errors.ts';
import { deviceTopic, FLEET_SUMMARY_TOPIC } from '../../proto/topics.ts';
import { type ConnectOptions, connectMqtt, openMqtt } from '../support/mqtt-client.ts';
import { until } from '../support/until.ts';

export interface BusUnderTest {
  bus: Bus;
  /** Where clients connect, `mqtt://HOST:PORT`; the bus is started. */
  url: string;
}

/** Makes a started bus with these hooks; `owned` topics are the source's. */
export type MakeBus = (hooks: BusHooks, source: RetainedSource) => Promise<BusUnderTest>;

const device = (id: string, password = 'good'): ConnectOptions => ({
  clientId: id,
  username: id,
  password,
});
const operator: ConnectOptions = { clientId: 'page', username: 'token', password: 'good' };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const desired = deviceTopic('a', 'desired');
const reported = deviceTopic('a', 'reported');

/** What every bus does, whoever is behind it. */
export function busSuite(name: string, make: MakeBus): void {
  describe(`bus: ${name}`, () => {
    const running: Bus[] = [];
    afterEach(async () => {
      for (const bus of running.splice(0)) await bus.stop();
    });

    async function start(hooks: Partial<BusHooks> = {}, source: Partial<RetainedSource> = {}) {
      const seen: string[] = [];
      const made = await make(
        {
          authenticate: async (clientId, username, password): Promise<Identity | null> => {
            if (Buffer.from(password).toString() !== 'good') return null;
            return username === 'token'
              ? { kind: 'operator', token: 'alice' }
              : { kind: 'device', device: clientId };
          },
          received: async (_identity, message) => {
            seen.push(`received ${message.topic} ${Buffer.from(message.payload).toString()}`);
          },
          connected: (identity) => void seen.push(`connected ${identity.kind}`),
          disconnected: (identity, _id, replaced) =>
            void seen.push(`${replaced ? 'replaced' : 'disconnected'} ${identity.kind}`),
          ...hooks,
        },
        { owns: (topic) => topic.endsWith('/desired'), load: () => undefined, ...source },
      );
      running.push(made.bus);
      return { ...made, seen };
    }

    it('takes a message to the subscriber, and to nobody else', async () => {
      const { bus, url } = await start();
      const a = await connectMqtt(url, device('a'));
      const b = await connectMqtt(url, device('b'));
      expect(await a.subscribe(desired)).toEqual([1]);
      expect(await b.subscribe(deviceTopic('b', 'desired'))).toEqual([1]);
      await bus.publish({ topic: desired, payload: bytes('one'), qos: 1, retain: true });
      const message = await a.message(desired);
      expect([String(message.payload), message.qos, message.retain]).toEqual(['one', 1, false]);
      await bus.publish({
        topic: deviceTopic('b', 'desired'),
        payload: bytes('x'),
        qos: 1,
        retain: true,
      });
      await b.message(deviceTopic('b', 'desired'));
      expect(b.messages()).toHaveLength(1);
      expect(bus.stats()).toMatchObject({ connections: 2, delivered: 2 });
    });

    it('stops to send after UNSUBSCRIBE', async () => {
      const { bus, url } = await start();
      const a = await connectMqtt(url, device('a'));
      await a.subscribe(desired, reported);
      await a.unsubscribe(desired);
      await bus.publish({ topic: desired, payload: bytes('unheard'), qos: 1, retain: true });
      await bus.publish({ topic: reported, payload: bytes('heard'), qos: 1, retain: false });
      await a.message(reported);
      expect(a.messages(desired)).toEqual([]);
    });

    it('answers a subscription with what the source has', async () => {
      for (const load of [() => bytes('now'), async () => bytes('now')]) {
        const { url } = await start({}, { load });
        const a = await connectMqtt(url, device('a'));
        await a.subscribe(desired);
        const message = await a.message(desired);
        expect([String(message.payload), message.qos, message.retain]).toEqual(['now', 1, true]);
      }
    });

    it('does not keep what the source owns', async () => {
      const { bus, url } = await start();
      await bus.publish({ topic: desired, payload: bytes('old'), qos: 1, retain: true });
      const a = await connectMqtt(url, device('a'));
      await a.subscribe(desired);
      await bus.publish({ topic: desired, payload: bytes('new'), qos: 1, retain: true });
      expect(String((await a.message(desired)).payload)).toBe('new');
      expect(bus.stats().retainedTopics).toBe(0);
    });

    it('keeps other retained messages until an empty one clears them', async () => {
      const { bus, url } = await start();
      const publish = (text: string) =>
        bus.publish({ topic: FLEET_SUMMARY_TOPIC, payload: bytes(text), qos: 1, retain: true });
      await publish('first');
      await publish('second');
      const page = await connectMqtt(url, operator);
      await page.subscribe(FLEET_SUMMARY_TOPIC);
      const message = await page.message(FLEET_SUMMARY_TOPIC);
      expect([String(message.payload), message.retain]).toEqual(['second', true]);
      expect(bus.stats().retainedTopics).toBe(1);
      await publish('');
      expect(bus.stats().retainedTopics).toBe(0);
      const late = await connectMqtt(url, { ...operator, clientId: 'late' });
      await late.subscribe(FLEET_SUMMARY_TOPIC);
      await publish('third');
      expect(String((await late.message(FLEET_SUMMARY_TOPIC)).payload)).toBe('third');
    });

    it('acknowledges a report only after it was taken in, then forwards and retains it', async () => {
      let release = (): void => {};
      const taken = new Promise<void>((resolve) => {
        release = resolve;
      });
      const { bus, url } = await start({ received: () => taken });
      const page = await connectMqtt(url, operator);
      await page.subscribe(reported);
      const a = await connectMqtt(url, device('a'));
      const acknowledged = a.publish(reported, 'fine', { retain: true });
      await a.subscribe(desired);
      expect(a.packets.some((packet) => packet.cmd === 'puback')).toBe(false);
      expect(page.messages()).toEqual([]);
      release();
      expect(await acknowledged).toBe(true);
      expect(String((await page.message(reported)).payload)).toBe('fine');
      await until('it is retained', () => bus.stats().retainedTopics === 1);
    });

    it('acknowledges and drops what the server refuses', async () => {
      const { bus, url } = await start({
        received: async () => {
          throw new JamesError('bad-message', 'This is nonsense.');
        },
      });
      const page = await connectMqtt(url, operator);
      await page.subscribe(reported);
      const a = await connectMqtt(url, device('a'));
      expect(await a.publish(reported, 'nonsense', { retain: true })).toBe(true);
      await bus.publish({ topic: reported, payload: bytes('mark'), qos: 1, retain: false });
      await page.message(reported);
      expect(page.messages().map(({ payload }) => String(payload))).toEqual(['mark']);
      expect(bus.stats().retainedTopics).toBe(0);
    });

    it('ends the connection without acknowledging when the server fails', async () => {
      const { url } = await start({ received: () => Promise.reject(new Error('disk')) });
      const a = await connectMqtt(url, device('a'));
      expect(await a.publish(reported, 'x')).toBe(false);
    });

    it('tells who came and went, once each', async () => {
      const { bus, url, seen } = await start();
      const first = await connectMqtt(url, device('a'));
      const second = await connectMqtt(url, device('a'));
      await first.untilClosed();
      expect(seen).toEqual(['connected device', 'replaced device', 'connected device']);
      await bus.disconnect('a');
      await second.untilClosed();
      await bus.disconnect('nobody');
      expect(seen.slice(3)).toEqual(['disconnected device']);
    });

    it('refuses wrong credentials', async () => {
      const { url, seen } = await start();
      const client = await openMqtt(url);
      expect(await client.connect(device('a', 'bad'))).toBe(5);
      await client.untilClosed();
      expect(seen).toEqual([]);
    });

    it('ends all connections when it stops, and publishes no more', async () => {
      const { bus, url, seen } = await start();
      const a = await connectMqtt(url, device('a'));
      await bus.stop();
      await a.untilClosed();
      expect(seen).toEqual(['connected device', 'disconnected device']);
      await bus.publish({ topic: desired, payload: bytes('x'), qos: 1, retain: true });
      await expect(openMqtt(url)).rejects.toThrow();
      running.splice(0);
    });
  });
}
