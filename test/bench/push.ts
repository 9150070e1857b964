import { join } from 'node:path';
import type { DeviceView } from '../../proto/api.ts';
import type { SpecView } from '../../proto/document-views.ts';
import { silentLog } from '../../proto/log.ts';
import { openLevelStore } from '../../server/store/level-store.ts';
import { logger, loggerSpec, uploadPacket } from '../support/example.ts';
import { type ServerProcess, startServer, temporaryDirectory } from '../support/fleet.ts';
import { type CommandedProcess, cpuMs, startCommanded } from './commanded-process.ts';
import { enrolAll } from './enrolled-fleet.ts';
import { rounded } from './figures.ts';
import { agentsOf } from './fleet-of-agents.ts';
import type { AgentCommand, Connected, Received } from './mqtt-agents.ts';
import { median, type Row } from './row.ts';

const AGENTS = 10_000;
const ROUNDS = 5;
const WARM_UP_ROUNDS = 2;
const BAR_S = 1.5;
const VERSIONS = ['1.0.0', '1.1.0'];

/**
 * One spec changes and 10,000 agents get another document each: from the first byte of the PUT to the last agent's
 * receipt. The whole real server runs in a process of its own, everything is durable, the agents are in another process.
 */
export async function run(): Promise<Row[]> {
  const directory = temporaryDirectory('jamesd-bench-push-');
  const agents = agentsOf(AGENTS);
  await prepareStore(join(directory.path, 'server'), agents);
  const server = await startServer(directory.path);
  const load = await startCommanded<AgentCommand>('mqtt-agents.ts');
  try {
    for (const version of VERSIONS) {
      await uploadPacket(server, join(directory.path, `logger-${version}`), logger(version, 'any'));
    }
    const spec = await putSpec(server, specOf(0));
    const port = Number(new URL(server.mqtt).port);
    const where = { host: '127.0.0.1', port, atOnce: 200, retained: true };
    await load.ask<Connected>({ do: 'connect', agents, ...where });
    return [await measure(server, load, spec)];
  } finally {
    await load.stop();
    await server.stop();
    directory.remove();
  }
}

async function prepareStore(path: string, agents: ReturnType<typeof agentsOf>): Promise<void> {
  const store = await openLevelStore({ directory: path, log: silentLog });
  await enrolAll(store, agents);
  await store.close();
}

async function measure(
  server: ServerProcess,
  load: CommandedProcess<AgentCommand>,
  created: number,
): Promise<Row> {
  const seconds: number[] = [];
  const first: number[] = [];
  const cpu: number[] = [];
  const pid = server.running.process.pid ?? 0;
  const revision = await revisionOfAll(server);
  let spec = created;
  for (let round = 1; round <= WARM_UP_ROUNDS + ROUNDS; round++) {
    const received = load.ask<Received>({ do: 'count', messages: AGENTS });
    const before = cpuMs(pid);
    const begin = performance.timeOrigin + performance.now();
    spec = await putSpec(server, specOf(round), spec);
    const answer = await received;
    if (round <= WARM_UP_ROUNDS) continue;
    seconds.push((answer.last - begin) / 1000);
    first.push(answer.first - begin);
    cpu.push(cpuMs(pid) - before);
  }
  const grown = (await revisionOfAll(server)) - revision;
  if (grown !== WARM_UP_ROUNDS + ROUNDS) throw new Error(`revisions grew by ${grown}`);
  const value = rounded(median(seconds), 3);
  return {
    name: 'push',
    n: AGENTS,
    value,
    unit: 's',
    bar: `≤ ${BAR_S} s`,
    ok: value <= BAR_S,
    rounds: ROUNDS,
    note: `rounds ${seconds.map((one) => rounded(one, 2)).join(', ')} s; the first agent has it after ${Math.round(median(first))} ms; the server uses ${Math.round(median(cpu))} ms of CPU; ${WARM_UP_ROUNDS} rounds before warm it up`,
  };
}

const specOf = (round: number): object => ({
  ...loggerSpec('any'),
  apps: [{ name: 'logger', labels: { version: VERSIONS[round % 2], arch: 'any' } }],
});

/** Creates the spec, or replaces the given revision of it; returns the new one. */
async function putSpec(server: ServerProcess, spec: object, replaces?: number): Promise<number> {
  const match = replaces === undefined ? {} : { 'if-match': `"${replaces}"` };
  const path = '/v1/specs/logger-spec';
  const { status, body } = await server.api<SpecView>('PUT', path, spec, match);
  if (status > 201) throw new Error(`PUT ${path}: ${JSON.stringify(body)}`);
  return body.revision;
}

/** The revision of the first and of the last agent's desired state; they must be the same. */
async function revisionOfAll(server: ServerProcess): Promise<number> {
  const ids = ['agent-0', `agent-${AGENTS - 1}`];
  const revisions = await Promise.all(
    ids.map(async (id) => (await server.api<DeviceView>('GET', `/v1/devices/${id}`)).body),
  );
  const [one, other] = revisions.map((device) => device.desired?.revision);
  if (one === undefined || one !== other) throw new Error(`revisions ${one} and ${other} differ`);
  return one;
}
