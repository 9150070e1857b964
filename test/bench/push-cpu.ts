import { deviceTopic } from '../../proto/topics.ts';
import { cpuOf, startOurs, startPeer } from './broker-under-load.ts';
import { rounded } from './figures.ts';
import { agentsOf } from './fleet-of-agents.ts';
import type { Received } from './mqtt-agents.ts';
import { median, type Row } from './row.ts';

const AGENTS = 10_000;
const BYTES = 1024;
const WARM_UP = 2;
const ROUNDS = 7;

/** CPU per message of the bus alone: one retained message of 1 KiB, QoS 1, to each of 10,000 agents. */
export async function run(): Promise<Row[]> {
  const ours = await startOurs(AGENTS);
  const peer = await startPeer(AGENTS);
  try {
    await ours.connect(500, true);
    await peer?.connect(500, false);
    const topics = agentsOf(AGENTS).map(({ id }) => deviceTopic(id, 'desired'));
    const all = (agents: typeof ours.agents): Promise<Received> =>
      agents.ask<Received>({ do: 'count', messages: AGENTS });
    const pushOurs = async (): Promise<void> => {
      const received = all(ours.agents);
      await ours.broker.ask({ do: 'publish', bytes: BYTES });
      await received;
    };
    const pushPeer = async (): Promise<void> => {
      if (!peer) return;
      const received = all(peer.agents);
      const fanOut = { topics, bytes: BYTES, window: 1000, retain: true };
      await peer.publisher.ask({ do: 'fan-out', ...fanOut });
      await received;
    };
    return [await measure(ours.pid, pushOurs, peer && { ...peer, push: pushPeer })];
  } finally {
    await ours.stop();
    await peer?.stop();
  }
}

interface Peer {
  pid: number;
  mosquitto: { version: string };
  push(): Promise<void>;
}

async function measure(pid: number, push: () => Promise<void>, peer: Peer | null): Promise<Row> {
  const mine: number[] = [];
  const theirs: number[] = [];
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const own = await cpuOf(pid, push);
    const other = peer ? await cpuOf(peer.pid, peer.push) : Number.NaN;
    if (round < 0) continue;
    mine.push((own * 1000) / AGENTS);
    theirs.push((other * 1000) / AGENTS);
  }
  const value = median(mine);
  const peerValue = median(theirs);
  const ratio = rounded(value / peerValue);
  return {
    name: 'push-cpu',
    n: AGENTS,
    value: rounded(value),
    unit: 'µs',
    bar: '≤ 1.5 × mosquitto',
    ok: ratio <= 1.5,
    ...(peer && {
      peer: 'mosquitto',
      peerVersion: peer.mosquitto.version,
      peerValue: rounded(peerValue),
      ratio,
    }),
    rounds: ROUNDS,
    note: `each round ${mine.join(', ')} beside ${theirs.join(', ')} µs; ours publishes by itself, mosquitto also reads the message from a publisher`,
  };
}
