import type { Impact } from '../../proto/api.ts';
import { type Labels, overlay } from '../../proto/labels.ts';
import { matches, type Selector } from '../../proto/selector.ts';
import type { Spec } from '../../proto/spec.ts';
import { type SharedChange, sumImpact } from '../core/impact.ts';
import { mentionedKeys } from '../core/labelset.ts';
import type { LabelPlan, SpecEntry } from '../core/model.ts';
import { planLabels } from '../core/plan.ts';
import type { Packets } from '../packets/packets.ts';
import type { Devices } from '../registry/devices.ts';
import type { Bodies } from './bodies.ts';
import { cellsOf, touchedBy } from './cells.ts';
import { createComparison } from './comparison.ts';
import { indexSpecs, type SpecIndex } from './core/spec-index.ts';
import type { Fleet } from './fleet.ts';
import type { Slices } from './slices.ts';

/** What a change would do to the fleet; nothing is written. */
export interface ImpactOf {
  /** Of replacing specs (null: deleting). Counted against what the present specs ask for. */
  specs(changes: ReadonlyMap<string, Spec | null>): Promise<Impact>;
  /** Of other operator labels of a device. */
  labels(device: string, operator: Labels): Impact;
}

export function createImpact(parts: {
  fleet: Fleet;
  specs: { all(): Iterable<SpecEntry> };
  packets: Packets;
  devices: Devices;
  bodies: Bodies;
  slices: Slices;
}): ImpactOf {
  const { fleet, specs, packets, devices, slices } = parts;
  const compare = createComparison(parts);

  return {
    async specs(changes) {
      const before = indexSpecs([...specs.all()]);
      const after = indexSpecs(replaced(before, changes));
      const keys = mentionedKeys([...before.all, ...after.all], packets.all());
      const targets = [...changes.keys()].flatMap((id) => [
        ...targetOf(before.get(id)),
        ...targetOf(after.get(id)),
      ]);
      const found: SharedChange[] = [];
      for (const labelset of touchedBy(fleet, targets)) {
        for (const cell of cellsOf(labelset, fleet, keys, devices)) {
          if (slices.due()) await slices.rest();
          if (!targets.some((target) => matches(target, cell.labels))) continue;
          found.push(...compare(cell, plan(cell.labels, before), plan(cell.labels, after)));
        }
      }
      return sumImpact(found);
    },
    labels(device, operator) {
      const member = fleet.member(device);
      const entry = devices.get(device);
      if (!member || !entry) return sumImpact([]);
      const { facts, config, join } = entry.labelSources;
      const labels = overlay(facts, config, join, operator);
      const present = indexSpecs([...specs.all()]);
      const cell = { labels, members: [member] };
      return sumImpact(compare(cell, plan(entry.labels, present), plan(labels, present)));
    },
  };

  function plan(labels: Labels, index: SpecIndex): LabelPlan {
    return planLabels(labels, index.candidates(labels), packets);
  }
}

function targetOf(spec: SpecEntry | undefined): Selector[] {
  return spec ? [spec.target] : [];
}

function replaced(present: SpecIndex, changes: ReadonlyMap<string, Spec | null>): SpecEntry[] {
  const kept = present.all.filter(({ id }) => !changes.has(id));
  const changed = [...changes].flatMap(([id, spec]) =>
    spec ? [{ ...spec, revision: (present.get(id)?.revision ?? 0) + 1 }] : [],
  );
  return [...kept, ...changed];
}
