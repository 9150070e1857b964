import type { Impact, PacketRef, PlanProblem } from '../../proto/api.ts';
import { isKept, type PacketLine } from '../../proto/desired.ts';
import type { Labels } from '../../proto/labels.ts';

/** What changes for one device when one list of packet lines takes the place of another. */
export interface LinesChange {
  installs: PacketRef[];
  upgrades: { from: PacketRef; to: PacketRef }[];
  /** Packets that go without a successor of their name; a line that says keep is one. */
  removals: PacketRef[];
  /** It had packets and would have none. */
  emptied: boolean;
}

/**
 * Compares two desired states. `kept` gives what a device has of a name for which `before` says keep; undefined if it
 * has nothing of it.
 */
export function compareLines(
  before: readonly PacketLine[],
  after: readonly PacketLine[],
  kept: (name: string) => PacketRef | undefined = () => undefined,
): LinesChange {
  const change: LinesChange = { installs: [], upgrades: [], removals: [], emptied: false };
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

/** Sums changes over the fleet; the rows with most devices are shown. */
export function sumImpact(changes: readonly SharedChange[]): Impact {
  const sum = (count: (change: LinesChange) => number): number =>
    changes.reduce((total, { devices, change }) => total + devices * count(change), 0);
  return {
    devices: sum(() => 1),
    installs: sum(({ installs }) => installs.length),
    upgrades: sum(({ upgrades }) => upgrades.length),
    removals: sum(({ removals }) => removals.length),
    devicesLosing: sum(({ removals }) => Number(removals.length > 0)),
    devicesEmptied: sum(({ emptied }) => Number(emptied)),
    labelsets: [...changes]
      .sort((a, b) => b.devices - a.devices)
      .slice(0, MAX_ROWS)
      .map(({ labels, devices, change: { installs, upgrades, removals }, problems }) => ({
        labels,
        devices,
        installs,
        upgrades,
        removals,
        problems,
      })),
  };
}

/**
 * True if a change by a person may not go through unconfirmed: it takes packets without a successor from more than
 * `percent` of all devices, or leaves a device with nothing.
 */
export function needsConfirmation(impact: Impact, allDevices: number, percent: number): boolean {
  return impact.devicesEmptied > 0 || impact.devicesLosing * 100 > allDevices * percent;
}
