import type { Labels } from '../../proto/labels.ts';
import { mentionedKeys } from '../core/labelset.ts';
import { isBound, type SpecEntry } from '../core/model.ts';
import type { SourceEntry } from '../core/package-model.ts';
import type { BindingLocks } from '../locks/binding-locks.ts';
import type { Devices } from '../registry/devices.ts';
import type { Comparison } from './comparison.ts';
import { indexSpecs, type SpecIndex } from './core/spec-index.ts';
import type { Fleet, Labelset, Member } from './fleet.ts';
import type { GivenReader } from './given.ts';
import { lastChosen } from './last-chosen.ts';
import type { LockStore } from './lock-store.ts';
import { markPackets, markRefreshed, markSourceTargets, markTargets } from './marks.ts';
import { type PlanInputs, planWorld } from './plan-inputs.ts';
import { carryOut, type Planning, planStale } from './planning.ts';
import type { Renewals } from './renewals.ts';
import type { Slices } from './slices.ts';
import type { Work } from './work-queue.ts';

/** What a pass found out: whose state has to be decided, who is gone, and which labelsets were planned. */
export interface PassResult {
  members: Set<Member>;
  gone: string[];
  planned: Labelset[];
}

/**
 * Brings the labelsets and their plans in line with specs, packets, sources and devices as they are now. `planned` holds
 * the documents of the pass before: what a document no longer touches is found by its former target, in the labelsets
 * that were made when it still counted; what it now touches is found when labelsets are reduced to the present keys.
 * Locks that plans name and what they found for locks of specs is durable at the end.
 */
export function createPass({
  fleet,
  inputs,
  devices,
  slices,
  locks,
  lockStore,
  renewals,
  given,
  comparison,
  placed,
}: {
  fleet: Fleet;
  inputs: PlanInputs;
  devices: Devices;
  slices: Slices;
  locks: Pick<BindingLocks, 'begin' | 'follow' | 'observe' | 'commit'>;
  lockStore: Pick<LockStore, 'keep' | 'flush' | 'text'>;
  renewals: Pick<Renewals, 'tidy' | 'judge'>;
  /** Each serves one pass. */
  given: () => GivenReader;
  comparison: () => Comparison;
  /** Called when all devices are where they belong. */
  placed: () => void;
}): { run(work: Work): Promise<PassResult> } {
  const { packets, supply } = inputs;
  let planned = indexSpecs([]);
  let plannedSources: ReadonlyMap<string, SourceEntry> = new Map();

  const lastPlans = () => ({
    ...{ fleet, specs: planned, world: planWorld(inputs) },
    lockText: lockStore.text,
  });

  const regroup = async (present: SpecIndex, sources: Iterable<SourceEntry>): Promise<void> => {
    const keys = mentionedKeys({
      ...{ specs: present.all, packets: packets.all(), sourceKeys: supply.keysOf(sources) },
      lockKeys: inputs.locks.keys(),
    });
    const labelsOf = (id: string): Labels | undefined => devices.get(id)?.labels;
    if (!sameKeys(keys, fleet.keys)) await fleet.regroup(keys, labelsOf, slices);
  };

  /** Plans until no renewal has to be held that is not. */
  const planUnderGuard = async (planning: Omit<Planning, 'world'>) => {
    let { specs } = planning;
    for (;;) {
      const plans = await planStale({ ...planning, specs, world: planWorld(inputs) });
      const held = await renewals.judge(plans, specs);
      if (!held) return { plans, specs };
      specs = held;
      await locks.follow(specs.all);
    }
  };

  const run = async (work: Work): Promise<PassResult> => {
    await renewals.tidy();
    const present = indexSpecs([...inputs.specs.all()]);
    const sources = new Map([...supply.sources()].map((source) => [source.id, source]));
    const former = differing(planned, present);
    const changed = differing(present, planned);
    const formerSources = differingSources(plannedSources, sources);
    const changedSources = differingSources(sources, plannedSources);
    for (const spec of former.filter((one) => becomesManual(one, present)))
      await locks.begin(spec, await lastChosen(spec, lastPlans()));
    await locks.follow(present.all);
    markTargets(fleet, former);
    markSourceTargets(fleet, formerSources);
    const documents = former.length + changed.length + formerSources.length + changedSources.length;
    if (work.all || work.packets.size + work.specs.size + documents > 0)
      await regroup(present, sources.values());
    markTargets(fleet, changed);
    markTargets(
      fleet,
      present.all.filter(({ id }) => work.specs.has(id)),
    );
    markSourceTargets(fleet, changedSources);
    const renewed = new Set([
      ...markPackets(fleet, present, packets, work.packets),
      ...markRefreshed(fleet, work.sources),
      ...markTargets(
        fleet,
        present.all.filter(({ id }) => work.resumed.has(id)),
      ),
    ]);
    if (work.all) for (const labelset of fleet.labelsets()) labelset.stale = true;
    const result = await placeDevices(fleet, devices, work, slices);
    placed();
    const { plans, specs } = await planUnderGuard({
      ...{
        fleet,
        specs: present,
        slices,
        locks,
        lockStore,
        ahead: supply.ahead,
        given: given(),
        comparison: comparison(),
      },
      changed: new Set([...changedByHand(changed, planned), ...work.specs]),
      isJudged: (labelset) => work.all || renewed.has(labelset),
    });
    carryOut(plans);
    for (const { labelset } of plans) {
      result.planned.push(labelset);
      for (const member of labelset.members) result.members.add(member);
    }
    await lockStore.flush();
    await locks.commit(fleet.keys);
    planned = specs;
    plannedSources = sources;
    return result;
  };

  return { run };
}

/** Specs that say something else than when plans were made last; after a start nothing is known of them. */
function changedByHand(changed: readonly SpecEntry[], planned: SpecIndex): Set<string> {
  const other = changed.filter(({ id, revision }) => {
    const former = planned.get(id);
    return former !== undefined && former.revision !== revision;
  });
  return new Set(other.map(({ id }) => id));
}

/** The specs of `these` that stand otherwise or not at all in `those`. */
function differing(these: SpecIndex, those: SpecIndex): SpecEntry[] {
  return these.all.filter((spec) => those.get(spec.id) !== spec);
}

function becomesManual(spec: SpecEntry, present: SpecIndex): boolean {
  return !isBound(spec) && present.get(spec.id)?.updates === 'manual';
}

function differingSources(
  these: ReadonlyMap<string, SourceEntry>,
  those: ReadonlyMap<string, SourceEntry>,
): SourceEntry[] {
  return [...these.values()].filter((source) => those.get(source.id) !== source);
}

function sameKeys(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((key) => b.has(key));
}

async function placeDevices(
  fleet: Fleet,
  devices: Devices,
  work: Work,
  slices: Slices,
): Promise<PassResult> {
  const result: PassResult = { members: new Set(), gone: [], planned: [] };
  for (const id of work.all ? everyDevice(fleet, devices) : work.devices) {
    const entry = devices.get(id);
    if (entry) result.members.add(fleet.place(entry));
    else result.gone.push(id);
    if (slices.due()) await slices.rest();
  }
  return result;
}

function everyDevice(fleet: Fleet, devices: Devices): Set<string> {
  const ids = new Set<string>();
  for (const { id } of fleet.members()) ids.add(id);
  for (const { id } of devices.all()) ids.add(id);
  return ids;
}
