import { mentionedKeys } from '../core/labelset.ts';
import { planLabelset } from '../core/plan-labelset.ts';
import type { Devices } from '../registry/devices.ts';
import { cellsOf, touchedBy } from './cells.ts';
import { dependentNames } from './core/dependents.ts';
import { indexSpecs } from './core/spec-index.ts';
import type { Fleet } from './fleet.ts';
import { type PlanInputs, planWorld } from './plan-inputs.ts';

/**
 * Says which specs choose a packet for some device: of `planned` labelsets by their outcome, otherwise by plans made now
 * from the specs as they are.
 */
export function createChoosing({
  fleet,
  inputs,
  devices,
  planned,
}: {
  fleet: Fleet;
  inputs: PlanInputs;
  devices: Devices;
  planned: () => boolean;
}): (packet: string) => readonly string[] {
  const { specs, packets, supply, locks } = inputs;
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
    const world = planWorld(inputs);
    const keys = mentionedKeys({
      ...{ specs: index.all, packets: packets.all(), sourceKeys: supply.keysOf(supply.sources()) },
      lockKeys: locks.keys(),
    });
    const names = name === undefined ? [] : [...dependentNames([name], packets.all())];
    const targets = names.flatMap((one) => index.withApp(one).map(({ target }) => target));
    const found = new Set<string>();
    for (const labelset of touchedBy(fleet, targets)) {
      for (const { labels } of cellsOf(labelset, fleet, keys, devices)) {
        const plan = planLabelset(labels, index.candidates(labels), world);
        for (const one of plan.packets) if (one.packet.id === packet) found.add(one.reason.spec);
      }
    }
    return found;
  };
  return (packet) => [...(planned() ? byOutcomes(packet) : byPlans(packet))].sort();
}
