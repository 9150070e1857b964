import type { Labels } from '../../proto/labels.ts';
import { mentionedKeys } from '../core/labelset.ts';
import type { SpecEntry } from '../core/model.ts';
import type { LockText, SourceEntry } from '../core/package-model.ts';
import { type PlanWorld, planLabelset, problemsOf } from '../core/plan-labelset.ts';
import type { BindingLocks } from '../locks/binding-locks.ts';
import type { Packets } from '../packets/packets.ts';
import type { Devices } from '../registry/devices.ts';
import { chosenPackages } from './chosen-packages.ts';
import { type Outcome, outcomeOf, planSignature } from './core/body.ts';
import { dependentNames } from './core/dependents.ts';
import { indexSpecs, type SpecIndex } from './core/spec-index.ts';
import type { Fleet, Labelset, Member } from './fleet.ts';
import { lastChosen } from './last-chosen.ts';
import type { LockStore } from './lock-store.ts';
import { planAhead } from './plan-ahead.ts';
import { type AnswersAhead, type PlanInputs, planWorld } from './plan-inputs.ts';
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
}: {
  fleet: Fleet;
  inputs: PlanInputs;
  devices: Devices;
  slices: Slices;
  locks: Pick<BindingLocks, 'begin' | 'follow' | 'observe' | 'commit'>;
  lockStore: Pick<LockStore, 'keep' | 'flush' | 'text'>;
}): { run(work: Work): Promise<PassResult> } {
  const { packets, supply } = inputs;
  let planned = indexSpecs([]);
  let plannedSources: ReadonlyMap<string, SourceEntry> = new Map();

  const lastPlans = () => ({
    ...{ fleet, specs: planned, world: planWorld(inputs) },
    lockText: lockStore.text,
  });

  const run = async (work: Work): Promise<PassResult> => {
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
    if (work.all || work.packets.size + work.specs.size + documents > 0) {
      const keys = mentionedKeys({
        ...{
          specs: present.all,
          packets: packets.all(),
          sourceKeys: supply.keysOf(sources.values()),
        },
        lockKeys: inputs.locks.keys(),
      });
      const labelsOf = (id: string): Labels | undefined => devices.get(id)?.labels;
      if (!sameKeys(keys, fleet.keys)) await fleet.regroup(keys, labelsOf, slices);
    }
    markTargets(fleet, changed);
    markTargets(
      fleet,
      present.all.filter(({ id }) => work.specs.has(id)),
    );
    markSourceTargets(fleet, changedSources);
    markPackets(fleet, present, packets, work.packets);
    markRefreshed(fleet, work.sources);
    if (work.all) for (const labelset of fleet.labelsets()) labelset.stale = true;
    const result = await placeDevices(fleet, devices, work, slices);
    const world = planWorld(inputs);
    await planStale(
      { fleet, specs: present, slices, locks, lockStore, world, ahead: supply.ahead },
      result,
    );
    await lockStore.flush();
    await locks.commit(fleet.keys);
    planned = present;
    plannedSources = sources;
    return result;
  };

  return { run };
}

/** The specs of `these` that stand otherwise or not at all in `those`. */
function differing(these: SpecIndex, those: SpecIndex): SpecEntry[] {
  return these.all.filter((spec) => those.get(spec.id) !== spec);
}

function becomesManual({ id, updates }: SpecEntry, present: SpecIndex): boolean {
  return updates !== 'manual' && present.get(id)?.updates === 'manual';
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

function markTargets(fleet: Fleet, specs: readonly SpecEntry[]): void {
  for (const { target } of specs)
    for (const labelset of fleet.matching(target)) labelset.stale = true;
}

/** A source can matter to labelsets that ask for packages: those that it targets, and those that lack something. */
function markSourceTargets(fleet: Fleet, sources: readonly SourceEntry[]): void {
  if (sources.length === 0) return;
  for (const { target } of sources)
    for (const labelset of fleet.matching(target)) labelset.stale ||= labelset.packages !== null;
  for (const labelset of fleet.labelsets()) labelset.stale ||= labelset.packages?.unserved === true;
}

/** A source that offers other packages matters to the labelsets that it applies to. */
function markRefreshed(fleet: Fleet, sources: ReadonlySet<string>): void {
  if (sources.size === 0) return;
  for (const labelset of fleet.labelsets())
    labelset.stale ||= labelset.packages?.sources.some((id) => sources.has(id)) === true;
}

/** A packet can matter to the labelsets whose specs want its name or one that needs it. */
function markPackets(
  fleet: Fleet,
  specs: SpecIndex,
  packets: Packets,
  names: ReadonlySet<string>,
): void {
  if (names.size === 0) return;
  const touched = new Set<SpecEntry>();
  for (const name of dependentNames(names, packets.all()))
    for (const spec of specs.withApp(name)) touched.add(spec);
  markTargets(fleet, [...touched]);
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

interface Planning {
  fleet: Fleet;
  specs: SpecIndex;
  world: PlanWorld;
  ahead: AnswersAhead | null;
  slices: Slices;
  locks: Pick<BindingLocks, 'observe'>;
  lockStore: Pick<LockStore, 'keep'>;
}

/** Plans every stale labelset once; adds it and its members to `result`. Equal plans share one outcome. */
async function planStale(planning: Planning, result: PassResult): Promise<void> {
  const shared = new Map<string, Outcome>();
  const stale = [...planning.fleet.labelsets()].filter((labelset) => labelset.stale);
  const plan = async (labelset: Labelset, world: PlanWorld): Promise<void> => {
    const lock = planOne(labelset, { ...planning, world }, shared);
    if (lock) await planning.lockStore.keep(lock);
    result.planned.push(labelset);
    for (const member of labelset.members) result.members.add(member);
  };
  await planAhead(stale, plan, planning);
}

function planOne(
  labelset: Labelset,
  { specs, world, locks }: Planning,
  shared: Map<string, Outcome>,
): LockText | undefined {
  const candidates = specs.candidates(labelset.labels);
  const plan = planLabelset(labelset.labels, candidates, world);
  locks.observe(labelset.labels, plan, candidates);
  const { packages } = plan;
  const signature = planSignature(plan);
  const known = labelset.outcome?.signature === signature ? labelset.outcome : null;
  const outcome = known ?? shared.get(signature) ?? outcomeOf(plan, signature);
  shared.set(signature, outcome);
  labelset.outcome = outcome;
  labelset.problems = problemsOf(plan);
  labelset.packages = packages && {
    sources: packages.sourceIds,
    unserved: packages.problems.length > 0,
    chosen: chosenPackages(plan, takingUpdates(candidates)),
  };
  labelset.stale = false;
  return packages?.lock;
}

function takingUpdates(specs: readonly SpecEntry[]): Set<string> {
  return new Set(specs.filter(({ updates }) => updates !== 'manual').map(({ id }) => id));
}
