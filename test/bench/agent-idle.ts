import { readdirSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { deviceTopic } from '../../proto/topics.ts';
import { makeDesired } from '../support/desired.ts';
import { startMqttPeer } from '../support/mqtt-peer.ts';
import { until } from '../support/until.ts';
import { rounded } from './figures.ts';
import { ranMs, startIdleAgent } from './idle-agent.ts';
import type { Row } from './row.ts';

/** Two keep-alive intervals. */
const WINDOW_MS = 120_000;
const SETTLE_MS = 3000;
const HOUR_MS = 3_600_000;
const device = 'bench-idle';

/** Bytes and CPU of an agent over MQTT that has nothing to do, per hour. */
export async function run(): Promise<Row[]> {
  const broker = await startMqttPeer();
  const content = JSON.stringify(makeDesired({ device, packets: [] }));
  broker.retain(deviceTopic(device, 'desired'), content);
  const counter = await countingProxy(broker.port);
  const agent = startIdleAgent(device, counter.port);
  await until('a report that it is idle', () =>
    broker.received.some(({ payload }) => payload.toString().includes('"installed":{')),
  );
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const threads = (): string[] => readdirSync(`/proc/${agent.pid}/task`);
  const before = { bytes: counter.bytes(), ms: ranMs(agent.pid, threads()) };
  await new Promise((resolve) => setTimeout(resolve, WINDOW_MS));
  const bytes = counter.bytes() - before.bytes;
  const ms = ranMs(agent.pid, threads()) - before.ms;
  await agent.stop();
  counter.close();
  await broker.down();
  const perHour = HOUR_MS / WINDOW_MS;
  return [
    {
      name: 'agent-idle',
      n: 1,
      value: Math.round(bytes * perHour),
      unit: 'B/h',
      bar: 'reported',
      ok: true,
      rounds: 1,
      note: `both directions, above TCP, from ${WINDOW_MS / 1000} s; CPU ${rounded((ms * perHour) / 1000)} s per hour`,
    },
  ];
}

async function countingProxy(
  target: number,
): Promise<{ port: number; bytes(): number; close(): void }> {
  let bytes = 0;
  const server: Server = createServer((inner) => {
    const outer = connect(target, '127.0.0.1');
    for (const [from, to] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      from.on('error', () => {});
      from.on('close', () => to.destroy());
      from.on('data', (piece) => {
        bytes += piece.length;
        to.write(piece);
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    bytes: () => bytes,
    close: () => server.close(),
  };
}
