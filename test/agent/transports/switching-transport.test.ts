import { describe, expect, it, onTestFinished } from 'vitest';
import { createHttpClient } from '../../../agent/transports/http-client.ts';
import { createHttpTransport } from '../../../agent/transports/http-transport.ts';
import { createMqttTransport } from '../../../agent/transports/mqtt-transport.ts';
import { createSwitchingTransport } from '../../../agent/transports/switching-transport.ts';
import { silentLog } from '../../../proto/log.ts';
import { deviceTopic } from '../../../proto/topics.ts';
import { createSystemClock } from '../../../server/system/clock.ts';
import { transportSuite, witness } from '../../suites/transport-suite.ts';
import { startDesiredPeer } from '../../support/desired-peer.ts';
import { startMqttPeer } from '../../support/mqtt-peer.ts';
import { until } from '../../support/until.ts';

const device = 'buoy-17';
const authorization = `Basic ${Buffer.from(`${device}:secret`).toString('base64')}`;
const clock = createSystemClock();

/** A broker and a server, of which each can be taken away. */
async function begin(options: { mqtt?: 'off'; timeoutMs?: number } = {}) {
  const broker = await startMqttPeer();
  const server = await startDesiredPeer(authorization);
  const quick = { clock, random: () => 0.5, backoff: { baseMs: 20, capMs: 60 } };
  const http = createHttpClient({
    server: new URL(`http://127.0.0.1:${server.port}`),
    authorization: () => authorization,
    clock,
  });
  const transport = createSwitchingTransport({
    mqtt:
      options.mqtt === 'off'
        ? null
        : createMqttTransport({
            url: `mqtt://127.0.0.1:${broker.port}`,
            device,
            secret: () => 'secret',
            timeoutMs: options.timeoutMs ?? 10_000,
            ...quick,
          }),
    http: createHttpTransport({
      http,
      device,
      pollMs: 50,
      knownEtag: () => null,
      log: silentLog,
      ...quick,
    }),
    log: silentLog,
  });
  return {
    broker,
    server,
    transport,
    seen: witness(transport),
    publish(content: string) {
      broker.retain(deviceTopic(device, 'desired'), content);
      server.publish(content);
    },
    async close() {
      await transport.stop();
      http.stop();
      await broker.down();
      await server.down();
    },
  };
}

transportSuite('MQTT and HTTP', async () => {
  const both = await begin();
  const { broker, server } = both;
  return {
    ...both,
    ways: 2,
    reports: () => [...broker.received.map(({ payload }) => payload.toString()), ...server.reports],
    holdReports(yes) {
      broker.holdAcks(yes);
      server.holdReports(yes);
    },
    down: async () => {
      await Promise.all([server.down(), broker.down()]);
    },
    up: async () => {
      await Promise.all([server.up(), broker.up()]);
    },
    cut() {
      broker.cut();
      server.cut();
    },
    refuseCredentials() {
      server.answer(401);
      broker.answerConnects(5);
    },
  };
});

describe('the switch between MQTT and HTTP', () => {
  const start = async (options?: Parameters<typeof begin>[0]) => {
    const both = await begin(options);
    onTestFinished(both.close);
    return both;
  };
  const lastTransport = ({ seen }: Awaited<ReturnType<typeof begin>>): string | null => {
    const last = seen.states.at(-1);
    return last?.kind === 'connected' ? last.transport : null;
  };

  it('leaves HTTP alone while MQTT works', async () => {
    const both = await start();
    both.publish('first');
    both.seen.start();
    await until('MQTT', () => lastTransport(both) === 'mqtt');
    await until('the first arrives', () => both.seen.desired.includes('first'));
    expect(both.server.asked).toEqual([]);
  });

  it('takes HTTP when MQTT is refused, and MQTT again when it is back; then HTTP ends', async () => {
    const both = await start();
    await both.broker.down();
    both.publish('first');
    both.seen.start();
    await until('HTTP', () => lastTransport(both) === 'http');
    await until('the first arrives', () => both.seen.desired.includes('first'));
    await both.transport.report(Buffer.from('over HTTP'));
    expect(both.server.reports).toEqual(['over HTTP']);

    await both.broker.up();
    await until('MQTT', () => lastTransport(both) === 'mqtt');
    await both.transport.report(Buffer.from('over MQTT'));
    expect(both.broker.received.map(({ payload }) => payload.toString())).toEqual(['over MQTT']);
    const asked = both.server.asked.length;
    both.publish('second');
    await until('the second arrives', () => both.seen.desired.includes('second'));
    expect(both.server.asked).toHaveLength(asked);
  });

  it('takes HTTP when a connection has no CONNACK in time', async () => {
    const both = await start({ timeoutMs: 80 });
    both.broker.answerConnects(null);
    both.publish('first');
    both.seen.start();
    await until('HTTP', () => lastTransport(both) === 'http');
    await until('the first arrives', () => both.seen.desired.includes('first'));
  });

  it('does not flap between the two where MQTT refuses the credentials', async () => {
    const both = await start();
    both.broker.answerConnects(5);
    both.publish('first');
    both.seen.start();
    await until('HTTP', () => lastTransport(both) === 'http');
    await until('a held request', () => both.server.asked.some(({ prefer }) => prefer));
    expect(both.seen.states.filter(({ kind }) => kind === 'connected')).toHaveLength(1);
    expect(both.broker.connects).toHaveLength(1);
  });

  it('tries no MQTT if that is off', async () => {
    const both = await start({ mqtt: 'off' });
    both.publish('first');
    both.seen.start();
    await until('the first arrives', () => both.seen.desired.includes('first'));
    expect(both.broker.connects).toEqual([]);
  });

  it('sends a report that is too long for a message over HTTP', async () => {
    const both = await start();
    both.publish('first');
    both.seen.start();
    await until('MQTT', () => lastTransport(both) === 'mqtt');
    await both.transport.report(Buffer.alloc(64 * 1024, 'a'));
    expect(both.broker.received).toEqual([]);
    expect(both.server.reports.map(({ length }) => length)).toEqual([64 * 1024]);
  });
});
