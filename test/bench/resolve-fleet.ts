import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../proto/log.ts';
import type { Spec } from '../../proto/spec.ts';
import { createDocuments } from '../../server/documents/documents.ts';
import { createPlanner } from '../../server/planner/fleet-planner.ts';
import { createPackageSupply } from '../../server/planner/package-supply.ts';
import type { Planner } from '../../server/planner/planner.ts';
import type { PackageRecord } from '../../server/resolver/core/universe.ts';
import { createSolverPool, worthwhileThreads } from '../../server/resolver/solving/solver-pool.ts';
import { kindsByType } from '../../server/sources/kinds.ts';
import { openLevelStore } from '../../server/store/level-store.ts';
import { createSystemClock } from '../../server/system/clock.ts';
import { MemoryDevices, MemoryPackets } from '../support/fleet-in-memory.ts';
import { MemoryCatalogue } from '../support/memory-catalogue.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { readMachineIndex } from './machine-index.ts';
import { median, type Row } from './row.ts';

const LABELSETS = 5_000;
const FEATURES = 100;
const PER_DEVICE = 8;
const ROUNDS = 3;
const BAR_S = 5;

/**
 * From a refreshed index, of which one package in a hundred was built anew, to the new locks and states of devices in
 * 5,000 labelsets on disk. Every labelset has other specs and so asks for other packages.
 */
export async function run(): Promise<Row[]> {
  const records = readMachineIndex();
  if (!records) return [missing()];
  const directory = await mkdtemp(join(tmpdir(), 'jamesd-bench-'));
  const clock = createSystemClock();
  const store = await openLevelStore({ directory, log: silentLog });
  const documents = createDocuments({ store, clock });
  await documents.start();
  await documents.specs.commit(new Map(featureSpecs(records).map((spec) => [spec.id, spec])), by);
  await documents.sources.commit(new Map([[source.id, source]]), by);
  const catalogue = new MemoryCatalogue();
  catalogue.offer(source.id, records);
  const threads = worthwhileThreads(4, availableParallelism());
  const solvers = threads > 0 ? createSolverPool({ threads, clock, log: silentLog }) : undefined;
  const planner = createPlanner({
    ...{ store, clock, log: silentLog, epoch: 'bench', random: () => 0.5 },
    ...{ specs: documents.specs, devices: fleet(), packets: new MemoryPackets() },
    supply: createPackageSupply({
      ...{ documents: documents.sources, catalogue, kinds: kindsByType() },
      ...{ resolver: true, metadata: true, renderFile: () => null },
      ...(solvers && { solvers }),
    }),
    bus: { publish: async () => {} },
    events: { add() {} },
  });
  await planner.start();
  await planner.settled();
  const times: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const refreshed = refresh(records, round);
    catalogue.prepare(source.id, refreshed);
    const started = performance.now();
    catalogue.tell(source.id);
    await planner.settled();
    times.push((performance.now() - started) / 1000);
  }
  const size = await meanLock(planner);
  await planner.stop();
  await solvers?.stop();
  await store.close();
  await rm(directory, { recursive: true, force: true });
  return [row(times, { size, threads })];
}

const by = { author: 'bench', message: null };
const source = {
  ...{ id: 'debian', type: 'apt', url: 'https://deb.example.org/debian', suite: 'stable' },
  ...{ target: {}, archs: ['amd64'], essential: false },
};

/** A spec for each feature, with one to three packages. */
function featureSpecs(records: readonly PackageRecord[]): Spec[] {
  const random = seededRandom(7);
  const pick = (): string => records[Math.floor(random() * records.length)]?.name ?? '';
  return Array.from({ length: FEATURES }, (_, index) => ({
    id: `feature-${index}`,
    target: { [`feature.${index}`]: { exists: true } },
    packages: [...new Set(Array.from({ length: 1 + (index % 3) }, pick))],
  }));
}

/** Devices of which no two have the same features. */
function fleet(): MemoryDevices {
  const random = seededRandom(11);
  const devices = new MemoryDevices();
  const seen = new Set<string>();
  while (seen.size < LABELSETS) {
    const features = new Set<number>();
    while (features.size < PER_DEVICE) features.add(Math.floor(random() * FEATURES));
    const labels = Object.fromEntries(
      [...features].sort().map((feature) => [`feature.${feature}`, 'yes']),
    );
    const key = Object.keys(labels).join();
    if (seen.has(key)) continue;
    seen.add(key);
    devices.report(`device-${seen.size}`, {
      ...{ ...labels, os: 'debian', arch: 'amd64', packages: 'apt' },
    });
  }
  return devices;
}

/** As after a rebuild: what packages need stays as it was, so that nothing is broken by the change itself. */
function refresh(records: readonly PackageRecord[], round: number): PackageRecord[] {
  return records.map((record, index) =>
    index % 100 === round ? { ...record, size: (record.size ?? 0) + round } : record,
  );
}

async function meanLock(planner: Planner): Promise<number> {
  let sum = 0;
  for (let index = 1; index <= 100; index += 1) {
    const bytes = await planner.document(`device-${index}`);
    sum += JSON.parse(Buffer.from(bytes ?? '{}').toString()).signed.lock.count;
  }
  return Math.round(sum / 100);
}

function row(times: readonly number[], { size, threads }: { size: number; threads: number }): Row {
  const value = Number(median(times).toFixed(2));
  return {
    ...{ name: 'resolve-fleet', n: LABELSETS, value, unit: 's', bar: `≤ ${BAR_S} s` },
    ok: value <= BAR_S,
    rounds: times.length,
    note: `distinct requests, ${size} packages each on average, of the machine's own index; ${threads} further threads resolve; locks and states on disk`,
  };
}

function missing(): Row {
  return {
    ...{ name: 'resolve-fleet', n: 0, value: Number.NaN, unit: 's', bar: `≤ ${BAR_S} s` },
    ...{ ok: false, rounds: 0 },
    note: 'the machine has no APT index; run apt-get update',
  };
}
