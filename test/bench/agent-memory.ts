import { spawn } from 'node:child_process';
import { deviceTopic } from '../../proto/topics.ts';
import { makeDesired } from '../support/desired.ts';
import { startMqttPeer } from '../support/mqtt-peer.ts';
import { until } from '../support/until.ts';
import { rounded } from './figures.ts';
import { endOf, residentBytes, startIdleAgent } from './idle-agent.ts';
import { median, type Row } from './row.ts';

const ROUNDS = 5;
const SETTLE_MS = 3000;
const MEBIBYTE = 1024 * 1024;
const device = 'bench-memory';

/** Memory of a connected agent that has converged, beside a Node that does nothing. */
export async function run(): Promise<Row[]> {
  const agents: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    agents.push(await agentOnce());
    bare.push(await bareOnce());
  }
  const [value, peerValue] = [rounded(median(agents), 1), rounded(median(bare), 1)];
  const ratio = rounded(value / peerValue);
  return [
    {
      name: 'agent-memory',
      n: 1,
      value,
      unit: 'MiB',
      bar: '≤ 1.5 × Node',
      ok: ratio <= 1.5,
      peer: 'node',
      peerVersion: process.versions.node,
      peerValue,
      ratio,
      rounds: ROUNDS,
    },
  ];
}

async function agentOnce(): Promise<number> {
  const broker = await startMqttPeer();
  broker.retain(
    deviceTopic(device, 'desired'),
    JSON.stringify(makeDesired({ device, packets: [] })),
  );
  const agent = startIdleAgent(device, broker.port);
  await until('a report that it is idle', () =>
    broker.received.some(({ payload }) => payload.toString().includes('"installed":{')),
  );
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const bytes = residentBytes(agent.pid);
  await agent.stop();
  await broker.down();
  return bytes / MEBIBYTE;
}

async function bareOnce(): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']);
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const bytes = residentBytes(child.pid ?? 0);
  await endOf(child, 'SIGKILL');
  return bytes / MEBIBYTE;
}
