import type { Impact } from '../../proto/api.ts';
import { type Labels, overlay } from '../../proto/labels.ts';
import { matches, type Selector } from '../../proto/selector.ts';
import type { Source } from '../../proto/source.ts';
import type { Spec } from '../../proto/spec.ts';
import { type SharedChange, sumImpact } from '../core/impact.ts';
import { mentionedKeys } from '../core/labelset.ts';
import type { LabelPlan, SpecEntry } from '../core/model.ts';
import type { SourceEntry } from '../core/package-model.ts';
import { type PlanWorld, planLabelset, type SpecPins } from '../core/plan-labelset.ts';
import type { Devices } from '../registry/devices.ts';
import type { Bodies } from './bodies.ts';
import { type Cell, cellsOf, touchedBy } from './cells.ts';
import { createComparison } from './comparison.ts';
import { type Loss, lossIn } from './core/renewal.ts';
import { indexSpecs, type SpecIndex } from './core/spec-index.ts';
import type { Fleet } from './fleet.ts';
import { freed, keptPackages, rowOwners } from './held-rows.ts';
import { type PlanInputs, planWorld } from './plan-inputs.ts';
import type { Slices } from './slices.ts';

/** Documents that take the place of others, by id; null: deleted. */
export interface DocumentChanges {
  Spec: ReadonlyMap<string, Spec | null>;
  Source: ReadonlyMap<string, Source | null>;
}

/** What a change would do to the fleet; nothing is written. Counted against what the present documents ask for. */
export interface ImpactOf {
  documents(changes: DocumentChanges): Promise<Impact>;
  /**
   * Of plans that follow other locks, for the devices of a target; `keys` count beside those that count now. `visit` gets
   * every pair of plans.
   */
  locks(later: LaterLocks, visit: Visit): Promise<Impact>;
  /** What devices would lose if the renewal of these specs, which is held, went on; told by spec. */
  released(held: ReadonlySet<string>): Promise<Loss[]>;
  /** Of other operator labels of a device. */
  labels(device: string, operator: Labels): Impact;
}

export type Visit = (cell: Cell, before: LabelPlan, after: LabelPlan) => void;

export interface LaterLocks {
  target: Selector;
  locks: SpecPins;
  keys: Iterable<string>;
  /** A spec that is no longer held then. */
  released?: string;
}

/** Documents with everything else that plans follow from. */
interface State {
  specs: SpecIndex;
  world: PlanWorld;
}

export function createImpact(parts: {
  fleet: Fleet;
  inputs: PlanInputs;
  devices: Devices;
  bodies: Bodies;
  slices: Slices;
}): ImpactOf {
  const { fleet, inputs, devices, slices, bodies } = parts;
  const { packets, supply } = inputs;
  const comparison = () => createComparison({ bodies, devices, packets });
  const present = (): State => ({
    specs: indexSpecs([...inputs.specs.all()]),
    world: planWorld(inputs),
  });

  const changesBetween = async (
    { before, after, targets, keys }: Compared,
    visit: Visit = () => {},
  ): Promise<SharedChange[]> => {
    const compare = comparison();
    const found: SharedChange[] = [];
    for (const labelset of touchedBy(fleet, targets)) {
      for (const cell of cellsOf(labelset, fleet, keys, devices)) {
        if (slices.due()) await slices.rest();
        if (!targets.some((target) => matches(target, cell.labels))) continue;
        const [old, next] = [plan(cell.labels, before), plan(cell.labels, after)];
        visit(cell, old, next);
        found.push(...compare.plans(cell, old, next, keptPackages(cell.labels, old, before)));
      }
    }
    return found;
  };
  const compareStates = async (states: Compared, visit?: Visit): Promise<Impact> =>
    sumImpact(await changesBetween(states, visit));

  return {
    async documents({ Spec: specs, Source: sources }) {
      const before = present();
      const formerSources = [...supply.sources()];
      const laterSources = replacedSources(formerSources, sources);
      const locks = await inputs.locks.pinsAfter(specs);
      const world = sources.size === 0 ? before.world : planWorld(inputs, laterSources);
      const after = {
        specs: indexSpecs(replaced(before.specs.all, specs)),
        world: { ...world, locks },
      };
      const keys = mentionedKeys({
        specs: [...before.specs.all, ...after.specs.all],
        packets: packets.all(),
        sourceKeys: supply.keysOf([...formerSources, ...laterSources]),
        lockKeys: [...inputs.locks.keys(), ...locks.keys()],
      });
      const targets = [
        ...targetsOf([...before.specs.all, ...after.specs.all], specs),
        ...targetsOf([...formerSources, ...laterSources], sources),
      ];
      return compareStates({ before, after, targets, keys });
    },
    locks({ target, locks, keys: more, released }, visit) {
      const before = present();
      const specs =
        released === undefined ? before.specs : freed(before.specs, new Set([released]));
      const after = { specs, world: { ...before.world, locks } };
      const keys = new Set([...fleet.keys, ...more]);
      return compareStates({ before, after, targets: [target], keys }, visit);
    },
    async released(held) {
      const before = present();
      const after = { ...before, specs: freed(before.specs, held) };
      const targets = targetsOf(before.specs.all, new Map([...held].map((id) => [id, null])));
      const changes = await changesBetween({ before, after, targets, keys: fleet.keys });
      return changes.flatMap((change) => {
        const applying = before.specs.candidates(change.labels).filter(({ id }) => held.has(id));
        const owners = rowOwners(change.labels, applying, inputs.locks);
        return lossIn(change, owners, held) ?? [];
      });
    },
    labels(device, operator) {
      const member = fleet.member(device);
      const entry = devices.get(device);
      if (!member || !entry) return sumImpact([]);
      const { facts, config, join } = entry.labelSources;
      const labels = overlay(facts, config, join, operator);
      const state = present();
      const cell = { labels, members: [member] };
      const before = plan(entry.labels, state);
      const kept = keptPackages(entry.labels, before, state);
      return sumImpact(comparison().plans(cell, before, plan(labels, state), kept));
    },
  };
}

interface Compared {
  before: State;
  after: State;
  targets: readonly Selector[];
  keys: ReadonlySet<string>;
}

function plan(labels: Labels, { specs, world }: State): LabelPlan {
  return planLabelset(labels, specs.candidates(labels), world);
}

function targetsOf(
  documents: readonly { id: string; target: Selector }[],
  changes: ReadonlyMap<string, unknown>,
): Selector[] {
  return documents.filter(({ id }) => changes.has(id)).map(({ target }) => target);
}

function replaced(
  present: readonly SpecEntry[],
  changes: ReadonlyMap<string, Spec | null>,
): SpecEntry[] {
  const kept = present.filter(({ id }) => !changes.has(id));
  const changed = [...changes].flatMap(([id, spec]) =>
    spec ? [{ ...spec, revision: nextRevision(present, id) }] : [],
  );
  return [...kept, ...changed];
}

function replacedSources(
  present: readonly SourceEntry[],
  changes: ReadonlyMap<string, Source | null>,
): SourceEntry[] {
  const kept = present.filter(({ id }) => !changes.has(id));
  const changed = [...changes].flatMap(([id, source]) =>
    source ? [{ ...source, revision: nextRevision(present, id) }] : [],
  );
  return [...kept, ...changed];
}

function nextRevision(present: readonly { id: string; revision: number }[], id: string): number {
  return (present.find((one) => one.id === id)?.revision ?? 0) + 1;
}
