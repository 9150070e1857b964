import type { PacketRef } from '../../proto/api.ts';
import { isKept, type PacketLine } from '../../proto/desired.ts';
import type { LockedPackage } from '../../proto/lock.ts';
import type { PolicyChange } from '../../proto/merged-policy.ts';
import type { PackageRef } from '../../proto/package-views.ts';
import { compareSides, type SharedChange, type Side } from '../core/impact.ts';
import type { LabelPlan } from '../core/model.ts';
import { isUnchanged, type Packages, withoutDowngrades } from '../core/package-change.ts';
import { problemsOf } from '../core/plan-labelset.ts';
import { comparePolicies } from '../core/policy-change.ts';
import type { Packets } from '../packets/packets.ts';
import type { DeviceEntry, Devices } from '../registry/devices.ts';
import type { Bodies } from './bodies.ts';
import type { Cell } from './cells.ts';
import { linesOf, policyOf, sameLines } from './core/body.ts';
import type { Member } from './fleet.ts';
import { createLockReader } from './lock-reader.ts';

export interface Comparison {
  /**
   * Compares two plans for the devices of a cell. `kept`: packages that the lock of the plan before may lack though devices
   * keep them.
   */
  plans(
    cell: Cell,
    before: LabelPlan,
    after: LabelPlan,
    kept?: readonly PackageRef[],
  ): SharedChange[];
  /** Compares what devices were given with a plan. */
  given(cell: Cell, before: Side, after: LabelPlan): SharedChange[];
}

/**
 * Compares plans. Most devices have what the plan before says. Not so those whose removal is held: they have what their
 * point says, and keep it if the plan after is empty. And of a packet's name that the plan before could not serve, a
 * device has what it reported. Lower versions of packages count only where the plan after allows them: else a device keeps
 * what it has. Locks and their differences are remembered as long as the comparison is.
 */
export function createComparison({
  bodies,
  devices,
  packets,
}: {
  bodies: Bodies;
  devices: Devices;
  packets: Packets;
}): Comparison {
  const locks = createLockReader();

  const group = (member: Member, before: Side, after: Side): Group | null => {
    const held = member.point?.held ? bodies.get(member.point.body)?.lines : undefined;
    if (held && after.lines.length === 0 && after.packages === null) return null;
    const lines = held ?? before.lines;
    const names = lines.filter(isKept).map(({ name }) => name);
    const kept = names.length > 0 ? keptOf(devices.get(member.id), names, packets) : noneKept;
    return { lines, kept, devices: 1 };
  };

  const sideOf = (plan: LabelPlan): Side => ({
    lines: linesOf(plan),
    packages: locks.read(plan.packages?.lock),
  });

  /** False also where all that differs is lower versions, and the plan does not allow them. */
  const changesPackages = (
    from: Packages | null,
    to: Packages | null,
    plan: LabelPlan,
  ): boolean => {
    if (from === to) return false;
    if (!from || !to || plan.packages?.policy.downgrade === true) return true;
    const change = locks.compare(from, to);
    const isSameKept = JSON.stringify(from.keep) === JSON.stringify(to.keep);
    return (
      change.downgrades === undefined || !isSameKept || !isUnchanged(withoutDowngrades(change))
    );
  };

  const compareCell = (
    { labels, members }: Cell,
    { before, after, plan, isSame, otherSources, policy }: Compared,
  ): SharedChange[] => {
    const mayGoDown = plan.packages?.policy.downgrade === true;
    const compare: typeof locks.compare = (from, to) =>
      mayGoDown ? locks.compare(from, to) : withoutDowngrades(locks.compare(from, to));
    const groups = new Map<string, Group>();
    for (const member of members) {
      const one = group(member, before, after);
      if (!one || (isSame && sameLines(one.lines, after.lines))) continue;
      const key = groupKey(one, before.lines);
      const known = groups.get(key);
      if (known) known.devices += 1;
      else groups.set(key, one);
    }
    return [...groups.values()].map(({ lines, kept, devices: count }) => ({
      labels,
      devices: count,
      change: {
        ...compareSides({ ...before, lines }, after, (name) => kept.get(name), compare),
        ...(otherSources && { otherSources }),
        ...(policy.length > 0 && { policy }),
      },
      problems: problemsOf(plan),
    }));
  };

  return {
    plans(cell, planBefore, plan, kept = []) {
      const [before, after] = [sideOf(planBefore), sideOf(plan)];
      const otherSources = sourcesOf(planBefore) !== sourcesOf(plan);
      const policy = comparePolicies(policyOf(planBefore), policyOf(plan));
      const isSame = !otherSources && !changesPackages(before.packages, after.packages, plan);
      return compareCell(cell, {
        ...{ before: withKept(before, kept), after, plan, otherSources, policy },
        isSame: isSame && kept.length === 0 && policy.length === 0,
      });
    },
    given: (cell, before, plan) =>
      compareCell(cell, {
        ...{ before, after: sideOf(plan), plan, isSame: false, otherSources: false, policy: [] },
      }),
  };
}

interface Compared {
  before: Side;
  after: Side;
  plan: LabelPlan;
  isSame: boolean;
  otherSources: boolean;
  policy: readonly PolicyChange[];
}

/** The side with packages that devices have though its lock does not say so. */
function withKept(side: Side, kept: readonly PackageRef[]): Side {
  const names = new Set(side.packages?.packages.map(({ name }) => name));
  const more = kept.filter(({ name }) => !names.has(name));
  if (more.length === 0) return side;
  const { packages = [], keep = [], type } = side.packages ?? {};
  return {
    ...side,
    packages: {
      ...{ keep, ...(type && { type }) },
      packages: [...packages, ...more.map(givenPackage)],
    },
  };
}

/** A package of which no more is known than that devices have it. */
export function givenPackage(one: PackageRef): LockedPackage {
  return { ...one, auto: true, verify: true, source: null, size: 0, installedSize: 0 };
}

function sourcesOf({ packages }: LabelPlan): string {
  return packages?.sources.digest ?? '';
}

interface Group {
  lines: readonly PacketLine[];
  kept: ReadonlyMap<string, PacketRef>;
  devices: number;
}

const noneKept: ReadonlyMap<string, PacketRef> = new Map();

function groupKey({ lines, kept }: Group, before: readonly PacketLine[]): string {
  if (lines === before && kept.size === 0) return '';
  return JSON.stringify([lines === before ? null : lines, [...kept.values()].map(({ id }) => id)]);
}

const present: ReadonlySet<string> = new Set(['installed', 'wrong-version', 'modified']);

/** What a device has of names, by its last report; not what was installed by hand. */
function keptOf(
  entry: DeviceEntry | undefined,
  names: readonly string[],
  packets: Packets,
): ReadonlyMap<string, PacketRef> {
  const kept = new Map<string, PacketRef>();
  for (const { name, id, status } of entry?.reported?.packets ?? []) {
    if (id === null || !present.has(status) || !names.includes(name)) continue;
    kept.set(name, { id, name, labels: packets.get(id)?.labels ?? {} });
  }
  return kept;
}
