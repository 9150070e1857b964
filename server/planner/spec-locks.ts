import type { Clock } from '../../proto/clock.ts';
import { isKept } from '../../proto/desired.ts';
import type { Log } from '../../proto/log.ts';
import { matches } from '../../proto/selector.ts';
import { isBound, type SpecEntry } from '../core/model.ts';
import type { Events } from '../events/events.ts';
import { type Chosen, createAutoLocks } from '../locks/auto-locks.ts';
import type { BindingLocks } from '../locks/binding-locks.ts';
import type { Choice } from '../locks/core/lock-table.ts';
import type { LockHistory } from '../locks/lock-history.ts';
import type { Outcome } from './core/body.ts';
import { indexSpecs } from './core/spec-index.ts';
import type { Fleet, Labelset, LabelsetPackages } from './fleet.ts';
import { withKept } from './given.ts';
import type { Holds } from './holds.ts';
import type { ImpactOf } from './impact.ts';
import type { PlanInputs } from './plan-inputs.ts';
import type { Slices } from './slices.ts';
import { createSpecUpdates, type SpecUpdates } from './spec-updates.ts';

/** The locks of all specs, over plans. */
export interface SpecLocks {
  /** To be told which labelsets were planned anew: the locks of their specs follow, in the background. */
  planned(labelsets: readonly Labelset[]): void;
  readonly updates: SpecUpdates;
  stop(): Promise<void>;
}

/** `promoted` is called with a spec whose lock a person renewed. */
export function createSpecLocks(parts: {
  fleet: Fleet;
  inputs: PlanInputs;
  locks: BindingLocks;
  history: LockHistory;
  impact: ImpactOf;
  clock: Clock;
  log: Log;
  events: Pick<Events, 'add'>;
  slices: Slices;
  devices: () => number;
  removalPercent: number;
  promoted: (spec: string) => void;
  /** Resolves when nothing is to be planned. */
  quiet: () => Promise<void>;
  holds: Pick<Holds, 'get' | 'list'>;
}): SpecLocks {
  const { fleet, inputs, history, locks, clock, log, events, slices } = parts;
  const specs = () => [...inputs.specs.all()];
  const specOf = (id: string): SpecEntry | undefined => specs().find((spec) => spec.id === id);

  const auto = createAutoLocks({
    ...{ history, specOf, clock, events, log },
    keys: () => fleet.keys,
    chosen: (some) => chosenBy(some, { fleet, slices, quiet: parts.quiet }),
  });
  const updates = createSpecUpdates({
    ...{ fleet, specOf, history, locks },
    packets: inputs.packets,
    impact: parts.impact,
    devices: parts.devices,
    removalPercent: parts.removalPercent,
    written: auto.flush,
    holdOf: parts.holds.get,
  });

  return {
    planned(labelsets) {
      const index = indexSpecs(specs().filter((spec) => !isBound(spec)));
      const found = new Set<string>();
      for (const { labels } of labelsets)
        for (const { id, target } of index.candidates(labels))
          if (matches(target, labels)) found.add(id);
      auto.mark(found);
    },
    updates: {
      ...updates,
      async promote(id, by) {
        const view = await updates.promote(id, by);
        parts.promoted(id);
        return view;
      },
    },
    stop: auto.stop,
  };
}

/** What specs chose for each of their labelsets, as the last plan has it; while nothing is to be planned. */
async function* chosenBy(
  some: readonly SpecEntry[],
  { fleet, slices, quiet }: { fleet: Fleet; slices: Slices; quiet: () => Promise<void> },
): AsyncIterable<Chosen> {
  const asked = indexSpecs(some);
  for (const labelset of [...fleet.labelsets()]) {
    const { labels } = labelset;
    const specs = asked.candidates(labels).filter(({ target }) => matches(target, labels));
    if (!labelset.outcome || specs.length === 0) continue;
    await quiet();
    if (slices.due()) await slices.rest();
    const { outcome, packages } = labelset;
    for (const { id } of specs)
      yield {
        ...{ spec: id, labels },
        choice: { packets: packetsOf(outcome, id), packages: versionsOf(packages, id) },
      };
  }
}

function versionsOf(packages: LabelsetPackages | null, spec: string): Choice['packages'] {
  const chosen = withKept(packages).get(spec) ?? [];
  return Object.fromEntries(chosen.map(({ key, version }) => [key, version]));
}

function packetsOf({ body }: Outcome, spec: string): Choice['packets'] {
  const packets: Choice['packets'] = {};
  for (const line of body.lines)
    if (!isKept(line) && line.reason.spec === spec) packets[line.name] = line.id;
  return packets;
}
