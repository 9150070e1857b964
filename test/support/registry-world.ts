import type { FastifyInstance } from 'fastify';
import { MemoryLevel } from 'memory-level';
import { onTestFinished } from 'vitest';
import type { BusHooks, RetainedSource } from '../../broker/bus.ts';
import type { Labels } from '../../proto/labels.ts';
import { silentLog } from '../../proto/log.ts';
import { REPORTED_SCHEMA, type Reported } from '../../proto/reported.ts';
import type { Spec } from '../../proto/spec.ts';
import { deviceTopic } from '../../proto/topics.ts';
import { createTokens, type Tokens } from '../../server/credentials/tokens.ts';
import type { Specs } from '../../server/documents/document-set.ts';
import { createDocuments } from '../../server/documents/documents.ts';
import type { NewEvent } from '../../server/events/events.ts';
import { createApp } from '../../server/http/app.ts';
import { createAuthenticate } from '../../server/http/authenticate.ts';
import { deviceStateRoutes } from '../../server/http/routes/device-state.ts';
import { deviceRoutes } from '../../server/http/routes/devices.ts';
import { enrolRoutes } from '../../server/http/routes/enrol.ts';
import { createPlanner } from '../../server/planner/fleet-planner.ts';
import type { Planner } from '../../server/planner/planner.ts';
import { createBusHooks } from '../../server/registry/bus-hooks.ts';
import { createFleetFeed, type FleetFeed } from '../../server/registry/fleet-feed.ts';
import { createRegistry, type Registry } from '../../server/registry/registry.ts';
import { createRetainedSource } from '../../server/registry/retained-source.ts';
import { createStore } from '../../server/store/level-store.ts';
import type { Store } from '../../server/store/store.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { MemoryPackets } from './fleet-in-memory.ts';
import { createRecordingBus, type RecordingBus } from './recording-bus.ts';

export const EPOCH = 'epoch-1';

/** The server's parts that deal with devices, over a store in memory; the bus only records. */
export interface RegistryWorld {
  store: Store;
  clock: FakeClock;
  events: NewEvent[];
  tokens: Tokens;
  registry: Registry;
  planner: Planner;
  specs: Specs;
  packets: MemoryPackets;
  bus: RecordingBus;
  hooks: BusHooks;
  retained: RetainedSource;
  feed: FleetFeed;
  app: FastifyInstance;
  operator: { authorization: string };
  joinToken(options?: { labels?: Labels; uses?: number; expiresIn?: number }): Promise<string>;
  /** Enrols a device with configured labels, and labels of its join token. */
  enrol(
    id: string,
    labels?: Labels,
    join?: Labels,
  ): Promise<{ authorization: string; secret: string }>;
  put(...specs: Spec[]): Promise<void>;
  /** Says over MQTT what the device has. */
  report(id: string, part?: Partial<Reported>): Promise<void>;
}

/** Makes it with everything started; all is stopped when the test is over. `over` is a store from another world. */
export async function createRegistryWorld(over?: {
  store: Store;
  clock: FakeClock;
  packets: MemoryPackets;
}): Promise<RegistryWorld> {
  const clock = over?.clock ?? createFakeClock();
  const database = new MemoryLevel<string, string>();
  const store = over?.store ?? (await createStore(database, { log: silentLog }));
  const list: NewEvent[] = [];
  const events = {
    add: (event: NewEvent) => void list.push(event),
    list: async () => ({ items: [], next: null }),
  };
  const base = { store, clock, events, log: silentLog, random: () => 0.5, epoch: EPOCH };
  const tokens = createTokens(base);
  await tokens.start();
  const registry = createRegistry({ ...base, joinTokens: tokens });
  await registry.start();
  const parts = await startPlanning(base, registry, over?.packets ?? new MemoryPackets());
  const verifyToken = (text: string) => tokens.verify(text);
  const app = appOf({ ...base, ...parts, registry, verifyToken });
  const feed = createFleetFeed({ ...base, ...parts, registry });
  await feed.start();
  const { token } = await tokens.create({ kind: 'operator' }, 'server');
  onTestFinished(async () => {
    await app.close();
    await feed.stop();
    await parts.planner.stop();
    await registry.stop();
  });
  return {
    ...base,
    ...parts,
    events: list,
    tokens,
    registry,
    hooks: createBusHooks({ registry, verifyToken }),
    retained: createRetainedSource({ planner: parts.planner, registry }),
    feed,
    app,
    operator: { authorization: `Bearer ${token}` },
    ...actionsOf(registry, tokens, parts.specs, parts.planner),
  };
}

type Base = Omit<Parameters<typeof createRegistry>[0], 'joinTokens'> & { epoch: string };

async function startPlanning(base: Base, devices: Registry, packets: MemoryPackets) {
  const documents = createDocuments(base);
  await documents.start();
  const { specs } = documents;
  const bus = createRecordingBus();
  const planner = createPlanner({ ...base, devices, specs, packets, bus });
  await planner.start();
  return { specs, packets, bus, planner };
}

function appOf(
  parts: Parameters<typeof deviceRoutes>[0] &
    Parameters<typeof deviceStateRoutes>[0] &
    Base & { verifyToken: Tokens['verify'] },
): FastifyInstance {
  const { registry, clock } = parts;
  const authenticate = createAuthenticate({
    clock,
    verifyToken: parts.verifyToken,
    verifyDevice: (id, secret) => registry.isSecret(id, secret),
  });
  const routes = [enrolRoutes(parts), deviceRoutes(parts), deviceStateRoutes(parts)];
  return createApp({ log: parts.log, clock, authenticate, routes });
}

function actionsOf(registry: Registry, tokens: Tokens, specs: Specs, planner: Planner) {
  const joinToken: RegistryWorld['joinToken'] = async (options = {}) =>
    (await tokens.create({ kind: 'join', ...options }, 'server')).token;
  const actions: Pick<RegistryWorld, 'joinToken' | 'enrol' | 'put' | 'report'> = {
    joinToken,
    async enrol(id, labels = {}, join = {}) {
      const token = await joinToken({ labels: join });
      const { secret } = await registry.enrol({ id, labels, token, peer: '::1' });
      await planner.settled();
      const pair = Buffer.from(`${id}:${secret}`).toString('base64');
      return { authorization: `Basic ${pair}`, secret };
    },
    async put(...documents) {
      const changes = new Map(documents.map((spec) => [spec.id, spec]));
      await specs.commit(changes, { author: 'test', message: null });
      await planner.settled();
    },
    async report(id, part) {
      await registry.reports.received(id, reportBytes(part));
      await planner.settled();
    },
  };
  return actions;
}

/** A report with everything that is not given empty. */
export function makeReport(part: Partial<Reported> = {}): Reported {
  return {
    schema: REPORTED_SCHEMA,
    epoch: null,
    seen: null,
    installed: null,
    phase: 'idle',
    reason: null,
    retryAt: null,
    packets: [],
    packages: { installed: 0, wrong: [] },
    labels: { facts: {}, config: {} },
    agent: '1.0.0',
    bootId: 'boot-1',
    seq: 1,
    ...part,
  };
}

export const reportBytes = (part: Partial<Reported> = {}): Buffer =>
  Buffer.from(JSON.stringify(makeReport(part)));

/** The message that carries a report over MQTT. */
export const reportMessage = (id: string, part: Partial<Reported> = {}) => ({
  topic: deviceTopic(id, 'reported'),
  payload: reportBytes(part),
  qos: 1 as const,
  retain: true,
});
