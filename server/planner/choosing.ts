import { mentionedKeys } from '../core/labelset.ts';
import type { SpecEntry } from '../core/model.ts';
import { planLabels } from '../core/plan.ts';
import type { Packets } from '../packets/packets.ts';
import type { Devices } from '../registry/devices.ts';
import { cellsOf, touchedBy } from './cells.ts';
import { dependentNames } from './core/dependents.ts';
import { indexSpecs } from './core/spec-index.ts';
import type { Fleet } from './fleet.ts';

/**
 * Says which specs choose a packet for some device: of `planned` labelsets by their outcome, otherwise by plans made now
 * from the specs as they are.
 */
export function createChoosing({
  fleet,
  specs,
  packets,
  devices,
  planned,
}: {
  fleet: Fleet;
  specs: { all(): Iterable<SpecEntry> };
  packets: Packets;
  devices: Devices;
  planned: () => boolean;
}): (packet: string) => readonly string[] {
  const byOutcomes = (packet: string): Set<string> => {
    const found = new Set<string>();
    for (const { outcome } of fleet.labelsets()) {
      for (const line of outcome?.body.lines ?? [])
        if ('id' in line && line.id === packet) found.add(line.reason.spec);
    }
    return found;
  };
  const byPlans = (packet: string): Set<string> => {
    const name = packets.get(packet)?.name;
    const index = indexSpecs([...specs.all()]);
    const keys = mentionedKeys(index.all, packets.all());
    const names = name === undefined ? [] : [...dependentNames([name], packets.all())];
    const targets = names.flatMap((one) => index.withApp(one).map(({ target }) => target));
    const found = new Set<string>();
    for (const labelset of touchedBy(fleet, targets)) {
      for (const { labels } of cellsOf(labelset, fleet, keys, devices)) {
        const plan = planLabels(labels, index.candidates(labels), packets);
        for (const one of plan.packets) if (one.packet.id === packet) found.add(one.reason.spec);
      }
    }
    return found;
  };
  return (packet) => [...(planned() ? byOutcomes(packet) : byPlans(packet))].sort();
}
