import type { Bus } from '../broker/bus.ts';
import type { Documents } from './documents/documents.ts';
import type { GaugeReading } from './http/metrics.ts';
import type { PacketLibrary } from './packets/packet-library.ts';
import type { Planner } from './planner/planner.ts';
import type { Registry } from './registry/registry.ts';
import type { Catalogue } from './sources/catalogue.ts';
import { sourceFigures } from './sources/source-figures.ts';
import type { Store } from './store/store.ts';

export interface FigureParts {
  bus: Bus;
  registry: Registry;
  packets: PacketLibrary;
  planner: Planner;
  documents: Documents;
  store: Store;
  catalogue: Catalogue;
}

/** What `/metrics` tells of the fleet and of the bus at this moment. */
export function readFigures({
  bus,
  registry,
  packets,
  documents,
  store,
  planner,
  catalogue,
}: FigureParts): GaugeReading[] {
  const phases = new Map<string, number>();
  let online = 0;
  let problems = 0;
  for (const device of registry.all()) {
    const phase = device.reported?.phase ?? 'unknown';
    phases.set(phase, (phases.get(phase) ?? 0) + 1);
    online += Number(device.online);
    problems += Number((planner.desiredOf(device.id)?.problems.length ?? 0) > 0);
  }
  const { connections, ...counts } = bus.stats();
  return [
    { name: 'jamesd_devices', help: 'Enrolled devices', value: registry.size() },
    { name: 'jamesd_devices_online', help: 'Devices that are connected or polling', value: online },
    {
      name: 'jamesd_devices_with_problems',
      help: 'Devices whose plan has a problem',
      value: problems,
    },
    ...[...phases].map(([phase, value]) => ({
      name: 'jamesd_devices_by_phase',
      help: 'Devices by the phase they reported',
      labels: { phase },
      value,
    })),
    { name: 'jamesd_packets', help: 'Packets in the library', value: [...packets.all()].length },
    { name: 'jamesd_specs', help: 'Specs', value: [...documents.specs.all()].length },
    {
      name: 'jamesd_specs_held',
      help: 'Specs whose renewal waits for a person, as it would remove too much',
      value: planner.holds().length,
    },
    {
      name: 'jamesd_sources',
      help: 'Sources of packages',
      value: [...documents.sources.all()].length,
    },
    {
      name: 'jamesd_generation',
      help: 'Generation of the configuration',
      value: documents.generation(),
    },
    {
      name: 'jamesd_store_sequence',
      help: 'Batches that the store has taken',
      value: store.sequence(),
    },
    {
      name: 'jamesd_messages_refused_total',
      help: 'Messages of devices that were not valid',
      value: registry.refusals.count(),
    },
    ...sourceFigures(catalogue, documents.sources),
    { name: 'jamesd_bus_connections', help: 'Open MQTT connections', value: connections },
    ...Object.entries(counts).map(([event, value]) => ({
      name: 'jamesd_bus_total',
      help: 'Counts of the embedded broker since its start',
      labels: { event },
      value,
    })),
  ];
}
