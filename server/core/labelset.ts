import type { Packet } from '../../proto/packet.ts';
import type { SpecEntry } from './model.ts';

/** The label keys that can make a difference to a plan: those that some spec or packet mentions. */
export function mentionedKeys(specs: Iterable<SpecEntry>, packets: Iterable<Packet>): Set<string> {
  const keys = new Set<string>();
  for (const spec of specs) for (const key of specKeys(spec)) keys.add(key);
  for (const packet of packets) for (const key of packetKeys(packet)) keys.add(key);
  return keys;
}

/** The label keys that a spec mentions; a key may come several times. */
export function* specKeys(spec: SpecEntry): Iterable<string> {
  yield* Object.keys(spec.target);
  for (const app of spec.apps ?? []) yield* Object.keys(app.labels ?? {});
}

/** The label keys that a packet mentions; a key may come several times. */
export function* packetKeys(packet: Packet): Iterable<string> {
  yield* Object.keys(packet.labels);
  for (const line of packet.depends ?? []) yield* Object.keys(line.labels ?? {});
}
