import { sha256Of } from '../../proto/digest.ts';
import { REPORTED_SCHEMA, type Reported } from '../../proto/reported.ts';
import { startCommanded } from './commanded-process.ts';
import { agentsOf } from './fleet-of-agents.ts';
import type { AgentCommand, Connected, Published } from './mqtt-agents.ts';
import { type ReportingServer, startReportingServer } from './reporting-server.ts';
import { median, type Row } from './row.ts';

const AGENTS = 2_000;
const REPORTS_EACH = 10;
const REPORTS = AGENTS * REPORTS_EACH;
const ROUNDS = 5;
const BAR = 5_000;

/**
 * Reports over MQTT, QoS 1, from the first PUBLISH to the last PUBACK, each on disk before it is acknowledged. The server
 * has broker, registry, planner, store and live messages in one process; the agents are in another. A fresh server and
 * store in every round.
 */
export async function run(): Promise<Row[]> {
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) rates.push(await measure());
  const value = Math.round(median(rates));
  return [
    {
      name: 'reports',
      n: REPORTS,
      value,
      unit: 'reports/s',
      bar: `≥ ${BAR}/s`,
      ok: value >= BAR,
      rounds: ROUNDS,
      note: `${AGENTS} agents, reports of ${templateOf('', { revision: 1, digest: '' }).length} bytes, one unacknowledged per agent; server and load share the processors`,
    },
  ];
}

async function measure(): Promise<number> {
  const agents = agentsOf(AGENTS);
  const server = await startReportingServer(agents);
  const load = await startCommanded<AgentCommand>('mqtt-agents.ts');
  try {
    const { port, epoch } = server;
    const where = { host: '127.0.0.1', port, atOnce: 200, retained: false };
    await load.ask<Connected>({ do: 'connect', agents, ...where });
    const template = templateOf(epoch, server.point(agents[0]?.id ?? ''));
    const { ms } = await load.ask<Published>({
      do: 'report',
      each: REPORTS_EACH,
      template,
      window: AGENTS,
    });
    await requireStored(
      server,
      agents.map(({ id }) => id),
    );
    return (REPORTS * 1000) / ms;
  } finally {
    await load.stop();
    await server.stop();
  }
}

/** What was acknowledged must be on disk; a figure for reports that were dropped is none. */
async function requireStored(server: ReportingServer, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const seq = await server.storedSeq(id);
    if (seq !== REPORTS_EACH)
      throw new Error(`${id} has report ${seq} on disk, not ${REPORTS_EACH}`);
  }
}

/** A report as a device with five packets sends it. */
function templateOf(epoch: string, point: { revision: number; digest: string }): string {
  const { revision, digest } = point;
  const packets = ['logger', 'shell', 'libhub', 'tools', 'metrics'];
  const report: Reported = {
    schema: REPORTED_SCHEMA,
    epoch,
    seen: { revision, digest },
    installed: { revision, digest },
    phase: 'idle',
    reason: null,
    retryAt: null,
    packets: packets.map((name) => ({
      name,
      id: sha256Of(name),
      status: 'installed',
      error: null,
    })),
    packages: { installed: 0, wrong: [] },
    labels: {
      facts: {
        os: 'debian',
        'os.version': '12',
        'os.codename': 'bookworm',
        arch: 'armv7l',
        libc: 'glibc',
        'libc.version': '2.36',
        kernel: '6.1.0-18-armmp',
        packages: 'apt',
      },
      config: { site: 'berlin' },
    },
    agent: '1.0.0',
    bootId: '6c0c1f0e-4e5d-4a2b-9c69-0d5f8a1b2c3d',
    seq: 0,
  };
  return JSON.stringify(report);
}
