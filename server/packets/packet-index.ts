import { type Labels, labelsKey } from '../../proto/labels.ts';
import type { Packet } from '../../proto/packet.ts';
import { keys, prefixes } from '../store/keys.ts';
import { type Entry, prefixRange, type Store } from '../store/store.ts';
import type { Packets } from './packets.ts';

/** The packets in memory; whoever changes the store changes this afterwards. */
export interface PacketIndex extends Packets {
  add(packet: Packet): void;
  remove(id: string): void;
  /** Names in order of their characters. */
  names(): string[];
}

export function createPacketIndex(): PacketIndex {
  const byId = new Map<string, Packet>();
  const byName = new Map<string, Packet[]>();
  const byLabels = new Map<string, Packet>();
  const listeners = new Set<(name: string) => void>();
  const keyOf = (name: string, labels: Labels) => `${name} ${labelsKey(labels)}`;
  const tell = (name: string): void => {
    for (const listener of listeners) listener(name);
  };

  return {
    get: (id) => byId.get(id),
    byName: (name) => byName.get(name) ?? [],
    byLabels: (name, labels) => byLabels.get(keyOf(name, labels)),
    all: () => byId.values(),
    names: () => [...byName.keys()].sort(),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    add(packet) {
      byId.set(packet.id, packet);
      byLabels.set(keyOf(packet.name, packet.labels), packet);
      const others = byName.get(packet.name) ?? [];
      byName.set(
        packet.name,
        [...others, packet].sort((a, b) => a.seq - b.seq),
      );
      tell(packet.name);
    },
    remove(id) {
      const packet = byId.get(id);
      if (!packet) return;
      byId.delete(id);
      byLabels.delete(keyOf(packet.name, packet.labels));
      const others = (byName.get(packet.name) ?? []).filter((other) => other.id !== id);
      if (others.length > 0) byName.set(packet.name, others);
      else byName.delete(packet.name);
      tell(packet.name);
    },
  };
}

/** Adds every packet of the store to the index. */
export async function loadPackets(store: Store, index: PacketIndex): Promise<void> {
  const packets: Packet[] = [];
  for await (const entry of store.range(prefixRange(prefixes.packet)))
    packets.push(readPacketRecord(entry));
  packets.sort((a, b) => a.seq - b.seq);
  for (const packet of packets) index.add(packet);
}

/** The packet of a store's entry; its sequence number is the entry's revision. */
export function readPacketRecord(entry: Entry): Packet {
  return { ...(JSON.parse(entry.value) as Omit<Packet, 'seq'>), seq: entry.revision };
}

/** What stands in the store for a packet: its record, and its name and labels as a key, so that they are unique. */
export function packetOperations(packet: Omit<Packet, 'seq'>): { put: string; value: string }[] {
  return [
    { put: keys.packet(packet.id), value: JSON.stringify(packet) },
    { put: keys.packetName(packet.name, packet.labels), value: JSON.stringify(packet.id) },
  ];
}
