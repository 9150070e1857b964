import type { Packet } from '../../proto/packet.ts';
import type { SpecEntry } from './model.ts';
import { PACKAGE_LABELS } from './package-sources.ts';

/** The documents whose label keys count. */
export interface Mentioning {
  specs: Iterable<SpecEntry>;
  packets: Iterable<Packet>;
  /** The keys that sources look at, in targets and templates. */
  sourceKeys: Iterable<string>;
  /** The keys of the locks of specs with `updates: manual`. */
  lockKeys: Iterable<string>;
}

/**
 * The label keys that can make a difference to a plan: those that some spec, packet or lock mentions, and as soon as
 * somebody asks for packages those that sources look at.
 */
export function mentionedKeys({ specs, packets, sourceKeys, lockKeys }: Mentioning): Set<string> {
  const keys = new Set<string>(lockKeys);
  let packages = false;
  for (const spec of specs) {
    for (const key of specKeys(spec)) keys.add(key);
    packages ||= (spec.packages?.length ?? 0) > 0;
  }
  for (const packet of packets) {
    for (const key of packetKeys(packet)) keys.add(key);
    packages ||= (packet.packages?.length ?? 0) > 0;
  }
  if (!packages) return keys;
  for (const key of PACKAGE_LABELS) keys.add(key);
  for (const key of sourceKeys) keys.add(key);
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
