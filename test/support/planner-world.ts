import { MemoryLevel } from 'memory-level';
import type { Desired } from '../../proto/desired.ts';
import type { Lock } from '../../proto/lock.ts';
import { silentLog } from '../../proto/log.ts';
import type { Source } from '../../proto/source.ts';
import type { Spec } from '../../proto/spec.ts';
import type { Sources, Specs } from '../../server/documents/document-set.ts';
import { createDocuments, type Documents } from '../../server/documents/documents.ts';
import type { NewEvent } from '../../server/events/events.ts';
import { createPlanner, type PlannerOptions } from '../../server/planner/fleet-planner.ts';
import { createPackageSupply } from '../../server/planner/package-supply.ts';
import type { Planner } from '../../server/planner/planner.ts';
import { kindsByType } from '../../server/sources/kinds.ts';
import { createStore } from '../../server/store/level-store.ts';
import type { Store } from '../../server/store/store.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { MemoryDevices, MemoryPackets } from './fleet-in-memory.ts';
import { MemoryCatalogue } from './memory-catalogue.ts';
import { createRecordingBus, type RecordingBus } from './recording-bus.ts';

/** A planner with everything it reads and writes. */
export interface PlannerWorld {
  store: Store;
  documents: Documents;
  specs: Specs;
  sources: Sources;
  devices: MemoryDevices;
  packets: MemoryPackets;
  /** What sources offer. */
  catalogue: MemoryCatalogue;
  bus: RecordingBus;
  clock: FakeClock;
  events: NewEvent[];
  planner: Planner;
  /** Puts or (null) deletes specs as one generation and waits until the planner is done. */
  put(...specs: (Spec | { id: string; target: null })[]): Promise<void>;
  /** The same of sources. */
  putSources(...sources: (Source | { id: string; target: null })[]): Promise<void>;
  /** The lock that a device's document names. */
  lock(device: string): Promise<Lock>;
  /** Stops the planner and starts another over the same store. */
  restart(options?: Partial<PlannerOptions>): Promise<void>;
  document(device: string): Promise<Desired['signed']>;
}

/** A clock on which every slice of work is used up at once, so that all that can come between does. */
export function createRestlessClock(): FakeClock {
  const clock = createFakeClock();
  let ticks = 0;
  return {
    ...clock,
    monotonic: () => {
      ticks += 1000;
      return clock.monotonic() + ticks;
    },
  };
}

/** A started planner over an empty store in memory. */
export async function createPlannerWorld(
  options: Partial<PlannerOptions> = {},
  clock: FakeClock = createFakeClock(),
): Promise<PlannerWorld> {
  const store = await createStore(new MemoryLevel<string, string>(), { log: silentLog });
  const documents = createDocuments({ store, clock });
  await documents.start();
  const { specs, sources } = documents;
  const events: NewEvent[] = [];
  const catalogue = new MemoryCatalogue();
  const parts = {
    store,
    documents,
    specs,
    sources,
    devices: new MemoryDevices(),
    packets: new MemoryPackets(),
    catalogue,
    supply: createPackageSupply({
      ...{ documents: sources, catalogue, kinds: kindsByType(), resolver: true, metadata: true },
      renderFile: () => null,
    }),
    bus: createRecordingBus(),
    clock,
  };
  const start = async (more: Partial<PlannerOptions>): Promise<Planner> => {
    const planner = createPlanner({
      ...parts,
      random: () => 0.5,
      events: { add: (event) => events.push(event) },
      log: silentLog,
      epoch: 'epoch-1',
      ...options,
      ...more,
    });
    await planner.start();
    return planner;
  };
  const world: PlannerWorld = {
    ...parts,
    events,
    planner: await start({}),
    async put(...documents) {
      const changes = documents.map(
        (one) => [one.id, one.target === null ? null : (one as Spec)] as const,
      );
      await specs.commit(new Map(changes), { author: 'test', message: null });
      await world.planner.settled();
    },
    async putSources(...all) {
      const changes = all.map(
        (one) => [one.id, one.target === null ? null : (one as Source)] as const,
      );
      await sources.commit(new Map(changes), { author: 'test', message: null });
      await world.planner.settled();
    },
    async lock(device) {
      const { lock } = await world.document(device);
      const text = lock && (await world.planner.lock(lock.digest));
      if (!text) throw new Error(`${device} has no lock`);
      return JSON.parse(text) as Lock;
    },
    async restart(more = {}) {
      await world.planner.stop();
      world.planner = await start(more);
      await world.planner.settled();
    },
    async document(device) {
      const bytes = await world.planner.document(device);
      if (!bytes) throw new Error(`${device} has no document`);
      return (JSON.parse(Buffer.from(bytes).toString()) as Desired).signed;
    },
  };
  return world;
}
