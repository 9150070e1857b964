import type { Packet } from '../../../proto/packet.ts';

/** The names, and every name of which some packet needs one of them, directly or through others. */
export function dependentNames(
  names: Iterable<string>,
  packets: Iterable<Packet>,
): ReadonlySet<string> {
  const neededBy = new Map<string, Set<string>>();
  for (const packet of packets) {
    for (const { name } of packet.depends ?? []) {
      const needing = neededBy.get(name) ?? new Set<string>();
      neededBy.set(name, needing.add(packet.name));
    }
  }
  const found = new Set(names);
  for (const name of found) for (const needing of neededBy.get(name) ?? []) found.add(needing);
  return found;
}
