import { type BrokerUnderLoad, growthOf, startOurs, startPeer } from './broker-under-load.ts';
import { rounded } from './figures.ts';
import { median, type Row } from './row.ts';

const AGENTS = 10_000;
const ROUNDS = 3;

/** Memory of the broker per idle agent that is subscribed to its own topic; a fresh process each round. */
export async function run(): Promise<Row[]> {
  const mine: number[] = [];
  for (let round = 0; round < ROUNDS; round++) mine.push(await measure(await startOurs(AGENTS)));
  const peer = await startPeer(AGENTS);
  const peerValue = peer ? await measure(peer) : Number.NaN;
  const value = median(mine);
  return [
    {
      name: 'connections',
      n: AGENTS,
      value,
      unit: 'KiB',
      bar: '≤ 20 KiB',
      ok: value <= 20,
      ...(peer && {
        peer: 'mosquitto',
        peerVersion: peer.mosquitto.version,
        peerValue,
        ratio: rounded(value / peerValue),
      }),
      rounds: ROUNDS,
      note: `resident memory per connection; each round ${mine.join(', ')} KiB; the peer was measured once`,
    },
  ];
}

async function measure(under: BrokerUnderLoad): Promise<number> {
  try {
    const bytes = await growthOf(under.pid, () => under.connect(500, false));
    return rounded(bytes / AGENTS / 1024);
  } finally {
    await under.stop();
  }
}
