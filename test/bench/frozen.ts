import { settle, startOurs } from './broker-under-load.ts';
import { rounded } from './figures.ts';
import type { Received } from './mqtt-agents.ts';
import { median, type Row } from './row.ts';

const AGENTS = 300;
const MESSAGES = 300;
const BYTES = 60 * 1024;
const ROUNDS = 5;

/** One of 300 agents reads nothing while 300 large messages go to it; how long a healthy one then waits for its message. */
export async function run(): Promise<Row[]> {
  const { broker, agents, connect, stop } = await startOurs(AGENTS);
  try {
    await connect(AGENTS, true);
    const waits: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await agents.ask({ do: 'freeze' });
      const received = agents.ask<Received>({ do: 'count', messages: 1 });
      const { at } = await broker.ask<{ at: number }>({
        do: 'pester',
        count: MESSAGES,
        bytes: BYTES,
      });
      const { first } = await received;
      waits.push(rounded(first - at));
      await settle(200);
      await agents.ask({ do: 'reconnect', atOnce: AGENTS, retained: true });
    }
    const { slowConsumersCut } = await broker.ask<{ slowConsumersCut: number }>({ do: 'stats' });
    return [toRow(waits, slowConsumersCut)];
  } finally {
    await stop();
  }
}

function toRow(waits: number[], cut: number): Row {
  return {
    name: 'frozen',
    n: AGENTS,
    value: median(waits),
    unit: 'ms',
    bar: '≤ 50 ms',
    ok: Math.max(...waits) <= 50 && cut === ROUNDS,
    rounds: ROUNDS,
    note: `each round ${waits.join(', ')} ms; the frozen agent was cut in ${cut} of ${ROUNDS}`,
  };
}
