import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { type Broker, createBroker } from '../broker/broker.ts';
import type { Clock, Random } from '../proto/clock.ts';
import type { Log } from '../proto/log.ts';
import type { BlobStore } from './blobs/blob-store.ts';
import { createDirectoryBlobs } from './blobs/directory-blobs.ts';
import type { Config } from './config.ts';
import {
  createOperatorConnections,
  type OperatorConnections,
} from './credentials/operator-connections.ts';
import { createTokens, type Tokens } from './credentials/tokens.ts';
import { type Configuration, createConfiguration } from './documents/configuration.ts';
import type { Sources, Specs } from './documents/document-set.ts';
import { createDocuments, type Documents } from './documents/documents.ts';
import { createSourceFiles, type SourceFiles } from './documents/files/source-files.ts';
import { createHistory, type History } from './documents/history.ts';
import { createEventLog, type EventLog } from './events/event-log.ts';
import { createPacketLibrary, type PacketLibrary } from './packets/packet-library.ts';
import { createPlanner } from './planner/fleet-planner.ts';
import { createPackageSupply } from './planner/package-supply.ts';
import type { Planner } from './planner/planner.ts';
import { createResolverLog, type ResolverLog } from './planner/resolver-log.ts';
import { createBusHooks } from './registry/bus-hooks.ts';
import { createFleetFeed, type FleetFeed } from './registry/fleet-feed.ts';
import { createRegistry, type Registry } from './registry/registry.ts';
import { createRetainedSource } from './registry/retained-source.ts';
import {
  createSolverPool,
  type SolverPool,
  worthwhileThreads,
} from './resolver/solving/solver-pool.ts';
import { createSecrets, type Secrets } from './secrets/secrets.ts';
import type { Catalogue } from './sources/catalogue.ts';
import { createSources } from './sources/create-sources.ts';
import { checkTemplate, createRenderFile } from './sources/device-sources.ts';
import { type Kinds, kindOf } from './sources/kinds.ts';
import { createStatusFeed, type StatusFeed } from './sources/status-feed.ts';
import { ensureEpoch } from './store/epoch.ts';
import type { Store } from './store/store.ts';

/** The parts of the server, made but not started. */
export interface Parts {
  config: Config;
  clock: Clock;
  log: Log;
  store: Store;
  epoch: string;
  blobs: BlobStore;
  events: EventLog;
  tokens: Tokens;
  operatorConnections: OperatorConnections;
  registry: Registry;
  packets: PacketLibrary;
  documents: Documents;
  specs: Specs;
  sources: Sources;
  secrets: Secrets;
  kinds: Kinds;
  catalogue: Catalogue;
  /** Null: packages are resolved in this thread alone. */
  solvers: SolverPool | null;
  resolverLog: ResolverLog;
  statusFeed: StatusFeed;
  history: History;
  configuration: Configuration;
  sourceFiles: SourceFiles;
  planner: Planner;
  bus: Broker;
  feed: FleetFeed;
}

export interface PartsOptions {
  config: Config;
  store: Store;
  clock: Clock;
  random: Random;
  log: Log;
}

/**
 * Makes the parts and gives each what it needs. Planner, packets and bus ask each other; they do so only after all have
 * been started, through functions that look the other up when they are called.
 */
export async function createParts({
  config,
  store,
  clock,
  random,
  log,
}: PartsOptions): Promise<Parts> {
  const epoch = await ensureEpoch(store);
  const maxAgeMs = config.eventDays * 24 * 3600 * 1000;
  const events = createEventLog({ store, clock, log, maxAgeMs, maxCount: config.eventCount });
  const tokens = createTokens({ store, clock, events });
  const registry = createRegistry({ store, clock, random, events, log, joinTokens: tokens });
  const { minFreeBytes, maxPacketBytes, removalPercent } = config;
  const blobs = createDirectoryBlobs({ directory: join(config.data, 'blobs'), minFreeBytes });
  const packets: PacketLibrary = createPacketLibrary({
    ...{ store, blobs, clock, events, log, maxPacketBytes },
    inUse: (id) => planner.specsChoosing(id),
    keepInstalled: () => installedPackets(registry),
  });
  const documents = createDocuments({ store, clock });
  const { specs, sources } = documents;
  const secrets = createSecrets({ store, clock });
  const { kinds, catalogue } = createSources({
    ...{
      data: config.data,
      settings: config.sources,
      documents: sources,
      clock,
      random,
      log,
      events,
    },
    ...{ secretOf: (name) => secrets.get(name), devices: registry },
  });
  const { metadata, resolver } = config.sources;
  const solvers = createSolvers(config.sources.threads, { clock, log });
  const resolverLog = createResolverLog(log);
  const supply = createPackageSupply({
    ...{ documents: sources, catalogue, kinds, metadata, resolver, debug: resolverLog },
    ...(solvers && { solvers }),
    renderFile: createRenderFile(kinds, (source, fault) =>
      log.warn({ source, err: fault }, 'A template of a source cannot be rendered.'),
    ),
  });
  const history = createHistory(store);
  const planner: Planner = createPlanner({
    ...{ store, devices: registry, specs, packets, clock, random, events, log, epoch },
    ...{ supply, removalPercent },
    bus: { publish: (message) => bus.publish(message) },
  });
  const configuration: Configuration = createConfiguration({
    ...{ documents, history, secrets, events, removalPercent },
    ownerOf: (id) => sourceFiles.ownerOf(id),
    checkSource(source) {
      kindOf(kinds, source.type);
      checkTemplate(source);
    },
    impactOf: planner.impactOfDocuments,
    devices: registry.size,
  });
  const sourceFiles: SourceFiles = createSourceFiles({
    files: config.sources.files.map((path) => resolve(path)),
    ...{ sources, change: configuration.change, clock, log, events },
  });
  const operatorConnections = createOperatorConnections({
    ...{ tokens, clock, log },
    bus: { disconnect: (clientId) => bus.disconnect(clientId) },
  });
  const bus: Broker = await createBroker({
    hooks: operatorConnections.follow(createBusHooks({ registry, verifyToken: tokens.verify })),
    retained: createRetainedSource({ planner, registry }),
    tcp: config.mqtt,
    ...{ log, clock },
  });
  const feed = createFleetFeed({
    ...{ registry, planner, specs, packets, events, bus, clock, log, epoch },
  });
  const statusFeed = createStatusFeed({ catalogue, documents: sources, bus, clock, log });
  return {
    ...{ sourceFiles, kinds, catalogue, statusFeed, resolverLog, solvers },
    ...{ config, clock, log, store, epoch, blobs, events, tokens, operatorConnections, registry },
    ...{ packets, documents, specs, sources, secrets, history, configuration, planner, bus, feed },
  };
}

function createSolvers(
  most: number,
  parts: Pick<PartsOptions, 'clock' | 'log'>,
): SolverPool | null {
  const threads = worthwhileThreads(most, availableParallelism());
  return threads === 0 ? null : createSolverPool({ ...parts, threads });
}

/** The packets that devices say they have; their content is kept, for a device may need it to go back. */
function installedPackets(registry: Registry): Set<string> {
  const ids = new Set<string>();
  for (const device of registry.all()) {
    for (const { id } of device.reported?.packets ?? []) if (id !== null) ids.add(id);
  }
  return ids;
}
