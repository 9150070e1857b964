import type { Labels } from '../../proto/labels.ts';
import { mentionedKeys } from '../core/labelset.ts';
import type { SpecEntry } from '../core/model.ts';
import { planLabels } from '../core/plan.ts';
import type { Packets } from '../packets/packets.ts';
import type { Devices } from '../registry/devices.ts';
import { type Outcome, outcomeOf, planSignature } from './core/body.ts';
import { dependentNames } from './core/dependents.ts';
import { indexSpecs, type SpecIndex } from './core/spec-index.ts';
import type { Fleet, Labelset, Member } from './fleet.ts';
import type { Slices } from './slices.ts';
import type { Work } from './work-queue.ts';

/** What a pass found out: whose state has to be decided, and who is gone. */
export interface PassResult {
  members: Set<Member>;
  gone: string[];
}

/**
 * Brings the labelsets and their plans in line with specs, packets and devices as they are now. `planned` holds the
 * specs of the pass before: what a spec no longer touches is found by its former target, in the labelsets that were made
 * when it still counted; what it now touches is found when labelsets are reduced to the present keys.
 */
export function createPass({
  fleet,
  specs,
  packets,
  devices,
  slices,
}: {
  fleet: Fleet;
  specs: { all(): Iterable<SpecEntry> };
  packets: Packets;
  devices: Devices;
  slices: Slices;
}): { run(work: Work): Promise<PassResult> } {
  let planned = indexSpecs([]);

  const run = async (work: Work): Promise<PassResult> => {
    const present = indexSpecs([...specs.all()]);
    const former = differing(planned, present);
    const changed = differing(present, planned);
    markTargets(fleet, former);
    if (work.all || work.packets.size > 0 || former.length + changed.length > 0) {
      const keys = mentionedKeys(present.all, packets.all());
      const labelsOf = (id: string): Labels | undefined => devices.get(id)?.labels;
      if (!sameKeys(keys, fleet.keys)) await fleet.regroup(keys, labelsOf, slices);
    }
    markTargets(fleet, changed);
    markPackets(fleet, present, packets, work.packets);
    if (work.all) for (const labelset of fleet.labelsets()) labelset.stale = true;
    const result = await placeDevices(fleet, devices, work, slices);
    await planStale(fleet, present, packets, result.members, slices);
    planned = present;
    return result;
  };

  return { run };
}

/** The specs of `these` that stand otherwise or not at all in `those`. */
function differing(these: SpecIndex, those: SpecIndex): SpecEntry[] {
  return these.all.filter((spec) => those.get(spec.id) !== spec);
}

function sameKeys(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((key) => b.has(key));
}

function markTargets(fleet: Fleet, specs: readonly SpecEntry[]): void {
  for (const { target } of specs)
    for (const labelset of fleet.matching(target)) labelset.stale = true;
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
  const result: PassResult = { members: new Set(), gone: [] };
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

/** Plans every stale labelset once; adds its members to `members`. Equal plans share one outcome. */
async function planStale(
  fleet: Fleet,
  specs: SpecIndex,
  packets: Packets,
  members: Set<Member>,
  slices: Slices,
): Promise<void> {
  const shared = new Map<string, Outcome>();
  for (const labelset of [...fleet.labelsets()]) {
    if (!labelset.stale) continue;
    planLabelset(labelset, specs, packets, shared);
    for (const member of labelset.members) members.add(member);
    if (slices.due()) await slices.rest();
  }
}

function planLabelset(
  labelset: Labelset,
  specs: SpecIndex,
  packets: Packets,
  shared: Map<string, Outcome>,
): void {
  const plan = planLabels(labelset.labels, specs.candidates(labelset.labels), packets);
  const signature = planSignature(plan);
  const known = labelset.outcome?.signature === signature ? labelset.outcome : null;
  const outcome = known ?? shared.get(signature) ?? outcomeOf(plan, signature);
  shared.set(signature, outcome);
  labelset.outcome = outcome;
  labelset.problems = plan.problems;
  labelset.stale = false;
}
