import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { rounded } from './figures.ts';
import { startIdleAgent } from './idle-agent.ts';
import { median, type Row } from './row.ts';

const ROUNDS = 11;

/** From the start of the process to its first connection, with an identity from an earlier run. */
export async function run(): Promise<Row[]> {
  const seconds: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) seconds.push(await startOnce());
  const value = rounded(median(seconds), 3);
  return [
    {
      name: 'agent-start',
      n: 1,
      value,
      unit: 's',
      bar: '≤ 0.4 s',
      ok: value <= 0.4,
      rounds: ROUNDS,
      note: `slowest ${rounded(Math.max(...seconds), 3)} s`,
    },
  ];
}

async function startOnce(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const connected = new Promise<number>((resolve) => {
    server.once('connection', (socket) => {
      resolve(performance.now());
      socket.on('error', () => {});
    });
  });
  const from = performance.now();
  const agent = startIdleAgent('bench-start', (server.address() as AddressInfo).port);
  const at = await connected;
  await agent.stop();
  server.close();
  return (at - from) / 1000;
}
