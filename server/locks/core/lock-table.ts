import { type Labels, labelsKey, reduceLabels } from '../../../proto/labels.ts';
import type { LockCause } from '../../../proto/package-views.ts';
import type { LabelPlan, Pins } from '../../core/model.ts';
import type { ChosenPackage } from '../../core/package-model.ts';

/** What a spec chose for a device: ids of packets by name, versions of packages by `name:arch` (null: the device picks). */
export interface Choice {
  packets: Record<string, string>;
  packages: Record<string, string | null>;
}

/** Serves the devices whose labels, reduced to the keys of its group, are these. */
export interface LockRow {
  labels: Labels;
  /** The digest of the choice. */
  choice: string;
}

/** Rows that were made while these keys counted. */
export interface LockGroup {
  /** Sorted. */
  keys: string[];
  /** Sorted by labels. */
  rows: LockRow[];
}

/** The table of what a spec chose. Of groups with a row for a device, the first counts. */
export interface LockTable {
  groups: LockGroup[];
}

/** A lock of a spec, as it is stored. */
export interface SpecLock extends LockTable {
  spec: string;
  /** Grows with each lock of the spec. */
  revision: number;
  specRevision: number;
  /** Of what the spec said: returning to it returns to this lock. */
  document: string;
  /** Of the table. */
  digest: string;
  at: string;
  author: string;
  cause: LockCause;
}

/** What a plan chose because of a spec. */
export function choiceOf(plan: LabelPlan, spec: string): Choice {
  const packets = plan.packets.filter(({ reason }) => reason.spec === spec);
  const packages = packagesBySpec(plan).get(spec) ?? [];
  return {
    packets: Object.fromEntries(packets.map(({ packet }) => [packet.name, packet.id])),
    packages: Object.fromEntries(packages.map(({ key, version }) => [key, version])),
  };
}

/** The packages of a plan by the spec whose lock has them, in the plan's order. */
export function packagesBySpec(plan: LabelPlan): ReadonlyMap<string, readonly ChosenPackage[]> {
  const bySpec = new Map<string, ChosenPackage[]>();
  if (!plan.packages) return bySpec;
  const rest = ownerOfRest(plan);
  const { packages, specs } = plan.packages.owned();
  for (const [place, one] of packages.entries()) {
    const owner = specs[place] ?? rest;
    if (owner === undefined) continue;
    const owned = bySpec.get(owner);
    if (owned) owned.push(one);
    else bySpec.set(owner, [one]);
  }
  return bySpec;
}

/** The spec whose lock has what is there for nobody's sake: the first that asks for packages. */
function ownerOfRest(plan: LabelPlan): string | undefined {
  const asking = new Set(plan.packages?.spec.wants.map(({ spec }) => spec));
  return plan.spec?.ids.find((id) => asking.has(id));
}

/**
 * What a row says after a plan that follows it. Where packages cannot be served, what was decided of them stays decided:
 * else the next plan would take another version.
 */
export function keepUnserved(plan: LabelPlan, next: Choice, former: Choice | undefined): Choice {
  if (!former || !plan.packages || plan.packages.problems.length === 0) return next;
  return { packets: next.packets, packages: { ...former.packages, ...next.packages } };
}

/**
 * A row with what a plan that follows it chose beside it: what could not be served when the row was made, and what another
 * spec stood for so far. What is decided stays. The row itself if it decides everything.
 */
export function completeChoice(row: Choice, chosen: Choice): Choice {
  const isOpen = ([key, version]: [string, string | null]): boolean =>
    version !== null && (row.packages[key] ?? null) === null;
  const packages = Object.entries(chosen.packages).filter(isOpen);
  const packets = Object.entries(chosen.packets).filter(([name]) => !(name in row.packets));
  if (packages.length + packets.length === 0) return row;
  return {
    packets: { ...row.packets, ...Object.fromEntries(packets) },
    packages: { ...row.packages, ...Object.fromEntries(packages) },
  };
}

/** The same for planning. A version that the device picks is not decided. `whole`: see Pins. */
export function pinsOfChoice({ packets, packages }: Choice, whole: string | null): Pins {
  const versions = Object.entries(packages).flatMap(([key, version]): [string, string][] =>
    version === null ? [] : [[key, version]],
  );
  return {
    packets: new Map(Object.entries(packets)),
    packages: new Map(versions),
    whole: new Set(whole === null ? [] : [whole]),
    rows: new Map(whole === null ? [] : [[whole, packages]]),
  };
}

/** The table of one group; of rows with equal labels the last counts. */
export function tableOf(keys: Iterable<string>, rows: Iterable<LockRow>): LockTable {
  return { groups: [groupOf(keys, rows)] };
}

function groupOf(keys: Iterable<string>, rows: Iterable<LockRow>): LockGroup {
  const sorted = [...keys].sort();
  const set = new Set(sorted);
  const byLabels = new Map<string, LockRow>();
  for (const { labels, choice } of rows) {
    const reduced = reduceLabels(labels, set);
    byLabels.set(labelsKey(reduced), { labels: reduced, choice });
  }
  const ordered = [...byLabels].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  return { keys: sorted, rows: ordered };
}

/** All keys of a table, sorted. */
export function tableKeys({ groups }: LockTable): string[] {
  return [...new Set(groups.flatMap(({ keys }) => keys))].sort();
}

export function countRows({ groups }: LockTable): number {
  return groups.reduce((sum, { rows }) => sum + rows.length, 0);
}

/** Finds the choice of the row that serves labels. */
export type LookUp = (labels: Labels) => string | undefined;

export function lookUpIn({ groups }: LockTable): LookUp {
  const indexes = groups.map(({ keys, rows }) => ({
    keys: new Set(keys),
    byLabels: new Map(rows.map((row) => [labelsKey(row.labels), row.choice])),
  }));
  return (labels) => {
    for (const { keys, byLabels } of indexes) {
      const choice = byLabels.get(labelsKey(reduceLabels(labels, keys)));
      if (choice !== undefined) return choice;
    }
    return undefined;
  };
}

/** What devices with these labels are to get of a spec: a row that is missing, or one in place of what is there. */
export interface Observation {
  /** Reduced to all keys that count now. */
  labels: Labels;
  /** The digest of the choice. */
  choice: string;
}

/**
 * The table after plans were made: what they found takes the place of what a row said for its labels. Rows that nothing was
 * found for stay, for devices that are away. `keys`: those that count now.
 */
export function extendTable(
  former: LockTable | undefined,
  observed: readonly Observation[],
  keys: readonly string[],
): LockTable {
  if (!former) return tableOf(keys, observed);
  const lookUp = lookUpIn(former);
  const added = observed.filter(({ labels, choice }) => lookUp(labels) !== choice);
  if (added.length === 0) return former;
  const sorted = [...keys].sort();
  const [first, ...others] = former.groups;
  if (first && first.keys.join('\n') === sorted.join('\n'))
    return { groups: [groupOf(sorted, [...first.rows, ...added]), ...others] };
  return { groups: [groupOf(sorted, added), ...former.groups] };
}
