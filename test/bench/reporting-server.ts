import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBroker } from '../../broker/broker.ts';
import type { BusMessage } from '../../broker/bus.ts';
import { silentLog } from '../../proto/log.ts';
import { createTokens } from '../../server/credentials/tokens.ts';
import { createDocuments } from '../../server/documents/documents.ts';
import { createEventLog } from '../../server/events/event-log.ts';
import { createPlanner } from '../../server/planner/fleet-planner.ts';
import { createBusHooks } from '../../server/registry/bus-hooks.ts';
import { createFleetFeed } from '../../server/registry/fleet-feed.ts';
import { createRegistry } from '../../server/registry/registry.ts';
import { createRetainedSource } from '../../server/registry/retained-source.ts';
import { ensureEpoch } from '../../server/store/epoch.ts';
import { keys } from '../../server/store/keys.ts';
import { openLevelStore } from '../../server/store/level-store.ts';
import { createSystemClock } from '../../server/system/clock.ts';
import type { Agent } from './agent-connection.ts';
import { enrolAll } from './enrolled-fleet.ts';

/** The parts of the server that a report passes through, on a store on disk, with a fleet enrolled. */
export interface ReportingServer {
  port: number;
  epoch: string;
  /** The desired state that all agents share. */
  point(agent: string): { revision: number; digest: string };
  /** The `seq` of the last report of an agent, as it stands on disk. */
  storedSeq(agent: string): Promise<number>;
  stop(): Promise<void>;
}

/** Starts it with these agents enrolled. */
export async function startReportingServer(agents: readonly Agent[]): Promise<ReportingServer> {
  const directory = mkdtempSync(join(tmpdir(), 'jamesd-bench-'));
  const store = await openLevelStore({ directory, log: silentLog });
  await enrolAll(store, agents);
  const clock = createSystemClock();
  const events = createEventLog({ store, clock, log: silentLog });
  await events.start();
  const base = { store, clock, events, log: silentLog, random: Math.random };
  const epoch = await ensureEpoch(store);
  const tokens = createTokens(base);
  const registry = createRegistry({ ...base, joinTokens: tokens });
  await registry.start();
  const { specs } = createDocuments(base);
  const packets = {
    get: () => undefined,
    byName: () => [],
    byLabels: () => undefined,
    all: () => [],
    onChange: () => () => {},
  };
  const bus = { publish: (message: BusMessage) => broker.publish(message) };
  const planner = createPlanner({ ...base, devices: registry, specs, packets, bus, epoch });
  const broker = await createBroker({
    ...base,
    hooks: createBusHooks({ registry, verifyToken: tokens.verify }),
    retained: createRetainedSource({ planner, registry }),
    tcp: { host: '127.0.0.1', port: 0 },
  });
  const { mqtt } = await broker.start();
  await planner.start();
  await planner.settled();
  const feed = createFleetFeed({ ...base, registry, planner, specs, packets, bus: broker, epoch });
  await feed.start();
  return {
    port: Number(new URL(mqtt ?? '').port),
    epoch,
    point: (agent) => planner.desiredOf(agent) ?? { revision: 0, digest: '' },
    async storedSeq(agent) {
      const entry = await store.get(keys.reported(agent));
      return entry ? JSON.parse(entry.value).reported.seq : 0;
    },
    async stop() {
      await feed.stop();
      await broker.stop();
      await planner.stop();
      await registry.stop();
      await events.stop();
      await store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
