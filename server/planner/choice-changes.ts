import type { PacketRef } from '../../proto/api.ts';
import type { LockedPackage } from '../../proto/lock.ts';
import type { PackageRef, PackagesChange, SpecUpdateRow } from '../../proto/package-views.ts';
import { comparePackageLists } from '../core/package-change.ts';
import { comparePackages } from '../core/package-lock.ts';
import type { Choice } from '../locks/core/lock-table.ts';
import type { Packets } from '../packets/packets.ts';

/** Packets that one choice has otherwise than another, by name. */
export function packetChanges(
  before: Choice,
  after: Choice,
  packets: Packets,
): SpecUpdateRow['packets'] {
  const names = new Set([...Object.keys(before.packets), ...Object.keys(after.packets)]);
  return [...names].sort().flatMap((name) => {
    const [from, to] = [before.packets[name], after.packets[name]];
    if (from === to) return [];
    return [
      {
        name,
        from: from === undefined ? null : packetRef(packets, name, from),
        to: to === undefined ? null : packetRef(packets, name, to),
      },
    ];
  });
}

/** How answers name a packet; without labels if it is deleted. */
export function packetRef(packets: Packets, name: string, id: string): PacketRef {
  return { id, name, labels: packets.get(id)?.labels ?? {} };
}

/** Packages that one choice has otherwise than another. */
export function packageChanges(before: Choice, after: Choice): PackagesChange {
  const list = (choice: Choice) => ({ packages: refsOf(choice).map(lockedOf), keep: [] });
  return comparePackageLists(list(before), list(after));
}

function lockedOf(one: PackageRef): LockedPackage {
  return { ...one, auto: false, verify: true, source: null, size: 0, installedSize: 0 };
}

/** The packages of a choice, sorted. */
export function refsOf({ packages }: Choice): PackageRef[] {
  return Object.entries(packages)
    .map(([key, version]) => {
      const colon = key.lastIndexOf(':');
      return { name: key.slice(0, colon), version, arch: key.slice(colon + 1) };
    })
    .sort(comparePackages);
}
