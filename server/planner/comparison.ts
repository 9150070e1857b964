import type { PacketRef } from '../../proto/api.ts';
import { isKept, type PacketLine } from '../../proto/desired.ts';
import { compareLines, type SharedChange } from '../core/impact.ts';
import type { LabelPlan } from '../core/model.ts';
import type { Packets } from '../packets/packets.ts';
import type { DeviceEntry, Devices } from '../registry/devices.ts';
import type { Bodies } from './bodies.ts';
import type { Cell } from './cells.ts';
import { linesOf, sameLines } from './core/body.ts';
import type { Member } from './fleet.ts';

/**
 * Compares two plans for the devices of a cell. Most devices have what the plan before says. Not so those whose removal
 * is held: they have what their point says, and keep it if the plan after is empty. And of a name that the plan before
 * could not serve, a device has what it reported.
 */
export function createComparison({
  bodies,
  devices,
  packets,
}: {
  bodies: Bodies;
  devices: Devices;
  packets: Packets;
}): (cell: Cell, before: LabelPlan, after: LabelPlan) => SharedChange[] {
  const group = (member: Member, before: PacketLine[], after: PacketLine[]): Group | null => {
    const held = member.point?.held ? bodies.get(member.point.body)?.lines : undefined;
    if (held && after.length === 0) return null;
    const lines = held ?? before;
    const names = lines.filter(isKept).map(({ name }) => name);
    const kept = names.length > 0 ? keptOf(devices.get(member.id), names, packets) : noneKept;
    return { lines, kept, devices: 1 };
  };

  return ({ labels, members }, planBefore, planAfter) => {
    const before = linesOf(planBefore);
    const after = linesOf(planAfter);
    const groups = new Map<string, Group>();
    for (const member of members) {
      const one = group(member, before, after);
      if (!one || sameLines(one.lines, after)) continue;
      const key = groupKey(one, before);
      const known = groups.get(key);
      if (known) known.devices += 1;
      else groups.set(key, one);
    }
    return [...groups.values()].map(({ lines, kept, devices: count }) => ({
      labels,
      devices: count,
      change: compareLines(lines, after, (name) => kept.get(name)),
      problems: planAfter.problems,
    }));
  };
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
