import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../proto/log.ts';
import type { Spec } from '../../proto/spec.ts';
import type { Specs } from '../../server/documents/document-set.ts';
import { createDocuments } from '../../server/documents/documents.ts';
import { createPlanner } from '../../server/planner/fleet-planner.ts';
import type { Planner } from '../../server/planner/planner.ts';
import { openLevelStore } from '../../server/store/level-store.ts';
import type { Store } from '../../server/store/store.ts';
import { createSystemClock } from '../../server/system/clock.ts';
import { MemoryDevices, MemoryPackets } from '../support/fleet-in-memory.ts';
import { makePacket } from '../support/make.ts';

/** 100,000 devices with unique hostnames in 1,000 labelsets, 200 specs, 5,000 packets, over a store on disk. */
export interface PlanningFleet {
  store: Store;
  specs: Specs;
  devices: MemoryDevices;
  packets: MemoryPackets;
  /** A planner over what is on disk; not started. */
  createPlanner(published?: () => void): Planner;
  remove(): Promise<void>;
}

export const DEVICES = 100_000;
const SITES = 10;
const ROLES = 20;
const ARCHS = ['amd64', 'arm64', 'armv6l', 'armv7l', 'i386'];
const NAMES = 100;
const VERSIONS = 10;

/** The spec that a tenth of the devices has: the site's apps in a version. */
export function siteSpec(site: number, version: number): Spec {
  const apps = [0, 1, 2, 3, 4].map((app) => ({
    name: `app-${site * 5 + app}`,
    labels: { version: `1.${version}.0` },
  }));
  return { id: `site-${site}`, target: { site: `site-${site}` }, apps };
}

/** Specs for the roles of each site; with those of the sites there are 200. */
function roleSpecs(): Spec[] {
  return Array.from({ length: 200 - SITES }, (_, index) => ({
    id: `role-${index}`,
    target: { role: `role-${index % ROLES}`, site: `site-${Math.floor(index / ROLES)}` },
    apps: [{ name: `app-${50 + (index % 50)}`, version: '*' }],
  }));
}

export async function createPlanningFleet(): Promise<PlanningFleet> {
  const directory = await mkdtemp(join(tmpdir(), 'jamesd-bench-'));
  const clock = createSystemClock();
  const store = await openLevelStore({ directory, log: silentLog });
  const configuration = createDocuments({ store, clock });
  await configuration.start();
  const { specs } = configuration;
  const documents = [
    ...roleSpecs(),
    ...Array.from({ length: SITES }, (_, site) => siteSpec(site, 0)),
  ];
  await specs.commit(new Map(documents.map((spec) => [spec.id, spec])), {
    author: 'bench',
    message: null,
  });
  const parts = { store, specs, clock, devices: fleetOf(DEVICES), packets: allPackets() };
  return {
    ...parts,
    createPlanner: (published = () => {}) =>
      createPlanner({
        ...parts,
        bus: { publish: async () => published() },
        random: () => 0.5,
        events: { add() {} },
        log: silentLog,
        epoch: 'bench',
      }),
    async remove() {
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Site, role and architecture make 1,000 labelsets; all else differs from device to device or is never mentioned. */
function fleetOf(size: number): MemoryDevices {
  const devices = new MemoryDevices();
  for (let index = 0; index < size; index += 1) {
    devices.report(`device-${index}`, {
      site: `site-${index % SITES}`,
      role: `role-${Math.floor(index / SITES) % ROLES}`,
      arch: ARCHS[Math.floor(index / (SITES * ROLES)) % ARCHS.length] as string,
      hostname: `host-${index}.example.org`,
      kernel: `6.1.${index % 30}`,
      os: 'debian',
      'os.version': '12',
      'os.codename': 'bookworm',
      libc: 'glibc',
      packages: 'apt',
    });
  }
  return devices;
}

function allPackets(): MemoryPackets {
  const packets = new MemoryPackets();
  let seq = 0;
  for (let name = 0; name < NAMES; name += 1) {
    for (const arch of ARCHS) {
      for (let version = 0; version < VERSIONS; version += 1) {
        seq += 1;
        const labels = { arch, version: `1.${version}.0` };
        packets.add(makePacket({ name: `app-${name}`, labels, seq }));
      }
    }
  }
  return packets;
}
