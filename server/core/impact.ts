import type { Impact, PacketRef, PlanProblem } from '../../proto/api.ts';
import { isKept, type PacketLine } from '../../proto/desired.ts';
import type { Labels } from '../../proto/labels.ts';
import type { PolicyChange } from '../../proto/merged-policy.ts';
import type { PackagesChange } from '../../proto/package-views.ts';
import {
  comparePackageLists,
  noPackages,
  noPackagesChange,
  type Packages,
} from './package-change.ts';

/** What changes for one device when one desired state takes the place of another. */
export interface LinesChange {
  installs: PacketRef[];
  upgrades: { from: PacketRef; to: PacketRef }[];
  /** Packets that go without a successor of their name; a line that says keep is one. */
  removals: PacketRef[];
  packages: PackagesChange;
  /** It gets other sources. */
  otherSources?: boolean;
  /** Absent: its policy stays. */
  policy?: readonly PolicyChange[];
  /** It had packets or packages and would have none. */
  emptied: boolean;
}

/**
 * Compares two lists of packet lines. `kept` gives what a device has of a name for which `before` says keep; undefined if
 * it has nothing of it.
 */
export function compareLines(
  before: readonly PacketLine[],
  after: readonly PacketLine[],
  kept: (name: string) => PacketRef | undefined = () => undefined,
): LinesChange {
  const change: LinesChange = {
    ...{ installs: [], upgrades: [], removals: [], emptied: false },
    packages: noPackagesChange,
  };
  const old = new Map<string, PacketRef>();
  for (const line of before) {
    const packet = isKept(line) ? kept(line.name) : refOf(line);
    if (packet) old.set(line.name, packet);
  }
  const names = new Set(after.map(({ name }) => name));
  for (const line of after) {
    if (isKept(line)) continue;
    const from = old.get(line.name);
    if (!from) change.installs.push(refOf(line));
    else if (from.id !== line.id) change.upgrades.push({ from, to: refOf(line) });
  }
  change.removals = [...old.values()].filter(({ name }) => !names.has(name));
  change.emptied =
    old.size > 0 && change.removals.length === old.size && !after.some((line) => !isKept(line));
  return change;
}

/** One side of a comparison. */
export interface Side {
  lines: readonly PacketLine[];
  /** Null: the device's package manager is left alone. */
  packages: Packages | null;
}

/** The same with packages. `compare` may be given to remember answers. */
export function compareSides(
  before: Side,
  after: Side,
  kept: (name: string) => PacketRef | undefined = () => undefined,
  compare: (before: Packages, after: Packages) => PackagesChange = comparePackageLists,
): LinesChange {
  const change = compareLines(before.lines, after.lines, kept);
  const old = before.packages ?? noPackages;
  const next = after.packages ?? noPackages;
  const packages = old === next ? noPackagesChange : compare(old, next);
  if (old.packages.length === 0) {
    const stays = next.packages.length + next.keep.length > 0;
    return { ...change, packages, emptied: change.emptied && !stays };
  }
  const hadLines = before.lines.some((line) => !isKept(line) || kept(line.name));
  const losesLines = !hadLines || change.emptied;
  const losesPackages = next.packages.length + next.keep.length === 0;
  const getsLines = after.lines.some((line) => !isKept(line));
  return { ...change, packages, emptied: losesLines && losesPackages && !getsLines };
}

function refOf({ id, name, labels }: PacketRef): PacketRef {
  return { id, name, labels };
}

/** A change that `devices` devices share. */
export interface SharedChange {
  labels: Labels;
  devices: number;
  change: LinesChange;
  problems: PlanProblem[];
}

const MAX_ROWS = 100;
/** Of packages, a row shows so many of each kind. */
const MAX_SHOWN = 200;

/** Sums changes over the fleet; the rows with most devices are shown. */
export function sumImpact(changes: readonly SharedChange[]): Impact {
  const sum = (count: (change: LinesChange) => number): number =>
    changes.reduce((total, { devices, change }) => total + devices * count(change), 0);
  const otherSources = sum((change) => Number(change.otherSources === true));
  const otherPolicy = sum((change) => Number(change.policy !== undefined));
  const downgrades = sum(({ packages }) => packages.downgrades?.length ?? 0);
  return {
    devices: sum(() => 1),
    ...(otherSources > 0 && { otherSources }),
    ...(otherPolicy > 0 && { otherPolicy }),
    installs: sum(({ installs }) => installs.length),
    upgrades: sum(({ upgrades }) => upgrades.length),
    removals: sum(countRemovals),
    packages: {
      installs: sum(({ packages }) => packages.installs.length),
      upgrades: sum(({ packages }) => packages.upgrades.length),
      ...(downgrades > 0 && { downgrades }),
      removals: sum(({ packages }) => packages.removals.length),
    },
    devicesLosing: sum((change) => Number(countRemovals(change) > 0)),
    devicesEmptied: sum(({ emptied }) => Number(emptied)),
    labelsets: [...changes]
      .sort((a, b) => b.devices - a.devices)
      .slice(0, MAX_ROWS)
      .map(rowOf),
  };
}

function countRemovals({ removals, packages }: LinesChange): number {
  return removals.length + packages.removals.length;
}

function rowOf({ labels, devices, change, problems }: SharedChange): Impact['labelsets'][number] {
  const { installs, upgrades, removals, packages, policy } = change;
  return {
    ...{ labels, devices, installs, upgrades, removals, problems },
    packages: {
      installs: packages.installs.slice(0, MAX_SHOWN),
      upgrades: packages.upgrades.slice(0, MAX_SHOWN),
      ...(packages.downgrades && { downgrades: packages.downgrades.slice(0, MAX_SHOWN) }),
      removals: packages.removals.slice(0, MAX_SHOWN),
    },
    ...(policy && { policy: [...policy] }),
  };
}

/**
 * True if a change by a person may not go through unconfirmed: it takes packets or packages without a successor from more
 * than `percent` of all devices, or leaves a device with nothing.
 */
export function needsConfirmation(impact: Impact, allDevices: number, percent: number): boolean {
  return impact.devicesEmptied > 0 || impact.devicesLosing * 100 > allDevices * percent;
}
