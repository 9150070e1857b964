import { deviceTopic } from '../../proto/topics.ts';
import { type BrokerUnderLoad, settle, startOurs, startPeer } from './broker-under-load.ts';
import { cpuMs } from './commanded-process.ts';
import { rounded } from './figures.ts';
import { agentsOf } from './fleet-of-agents.ts';
import type { Connected } from './mqtt-agents.ts';
import { median, type Row } from './row.ts';

const AGENTS = 10_000;
const ROUNDS = 5;

/** 10,000 agents lose their connections and come back at once; over when each has its retained message again. */
export async function run(): Promise<Row[]> {
  const ours = await startOurs(AGENTS);
  const peer = await startPeer(AGENTS);
  try {
    if (peer) {
      const topics = agentsOf(AGENTS).map(({ id }) => deviceTopic(id, 'desired'));
      await peer.publisher.ask({ do: 'fan-out', topics, bytes: 1024, window: 1000, retain: true });
    }
    await ours.connect(500, true);
    await peer?.connect(500, true);
    const mine: Storm[] = [];
    const theirs: Storm[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const own = await storm(ours);
      const other = peer && (await storm(peer));
      if (round === 0) continue;
      mine.push(own);
      if (other) theirs.push(other);
    }
    return [toRow(mine, theirs, peer?.mosquitto.version)];
  } finally {
    await ours.stop();
    await peer?.stop();
  }
}

type Storm = Connected & { cpu: number };

async function storm({ pid, agents }: BrokerUnderLoad): Promise<Storm> {
  const before = cpuMs(pid);
  const connected = await agents.ask<Connected>({
    do: 'reconnect',
    atOnce: AGENTS,
    retained: true,
  });
  const cpu = cpuMs(pid) - before;
  await settle(500);
  return { ...connected, cpu };
}

function toRow(mine: Storm[], theirs: Storm[], version: string | undefined): Row {
  const value = rounded(median(mine.map(({ ms }) => ms)) / 1000);
  const peerValue = rounded(median(theirs.map(({ ms }) => ms)) / 1000);
  const ratio = rounded(value / peerValue);
  const retries = Math.max(...mine.map((round) => round.retries));
  const perConnect = (rounds: Storm[]): number =>
    rounded((median(rounds.map(({ cpu }) => cpu)) * 1000) / AGENTS, 0);
  return {
    name: 'storm',
    n: AGENTS,
    value,
    unit: 's',
    bar: '≤ 3 × mosquitto, no loop',
    ok: ratio <= 3 && retries < AGENTS,
    ...(version !== undefined && { peer: 'mosquitto', peerVersion: version, peerValue, ratio }),
    rounds: ROUNDS,
    note: `at most ${retries} connects were tried again; CPU per reconnect ${perConnect(mine)} beside ${perConnect(theirs)} µs; p99 ${median(mine.map(({ p99 }) => p99))} ms`,
  };
}
