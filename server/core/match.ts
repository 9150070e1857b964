import { isSubset, type Labels, overlay } from '../../proto/labels.ts';
import type { Packet } from '../../proto/packet.ts';
import { comparePacketVersions } from '../../proto/version.ts';
import { inRange, parseRange, type Range } from '../../proto/version-range.ts';

/** A line that asks for a packet: an app of a spec or a prerequisite of a packet. */
export interface Line {
  name: string;
  labels?: Labels;
  version?: string;
}

/** What lines of one name ask for together, on one device. */
export interface Wish {
  /** The device's labels overlaid by the lines' labels: a packet may carry no others. */
  wanted: Labels;
  /** A packet must carry all of these. */
  required: Labels;
  /** All must hold for the packet's `version` label, which then need not stand in `wanted`. */
  ranges: readonly Range[];
}

/** What one or several lines of one name wish for; null if their labels contradict each other. */
export function wishOf(device: Labels, lines: readonly Line[]): Wish | null {
  const required: Record<string, string> = {};
  for (const { labels = {} } of lines) {
    for (const [key, value] of Object.entries(labels)) {
      if (Object.hasOwn(required, key) && required[key] !== value) return null;
      required[key] = value;
    }
  }
  const ranges = lines.flatMap((line) =>
    line.version === undefined ? [] : [parseRange(line.version)],
  );
  return { wanted: overlay(device, required), required, ranges };
}

/** True if the packet may be chosen for the wish. */
export function fits(packet: Packet, wish: Wish): boolean {
  return satisfies(packet, wish) && extraLabels(packet, wish).length === 0;
}

/** True if the packet carries what the wish requires; it may carry labels that the device lacks. */
export function satisfies(packet: Packet, wish: Wish): boolean {
  return (
    isSubset(wish.required, packet.labels) &&
    wish.ranges.every((range) => inRange(range, packet.labels.version))
  );
}

/** The keys of a packet's labels that keep it from the device: absent from the wanted labels or different there. */
export function extraLabels(packet: Packet, wish: Wish): string[] {
  const byRange = wish.ranges.length > 0;
  return Object.keys(packet.labels).filter(
    (key) =>
      !(byRange && key === 'version') &&
      (!Object.hasOwn(wish.wanted, key) || wish.wanted[key] !== packet.labels[key]),
  );
}

/**
 * The order of preference: most labels, then the highest version (none ranks lowest), then the newest upload. Negative if
 * `a` is better. Total: two packets are never equal.
 */
export function comparePreference(a: Packet, b: Packet): number {
  const byCount = Object.keys(b.labels).length - Object.keys(a.labels).length;
  return byCount || compareVersionLabels(b.labels.version, a.labels.version) || b.seq - a.seq;
}

function compareVersionLabels(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  return comparePacketVersions(a, b);
}

/** The packet that serves the wish best, or undefined. One that is pinned (its id) is the best if it serves it at all. */
export function bestMatch(
  packets: readonly Packet[],
  wish: Wish,
  pinned?: string,
): Packet | undefined {
  let best: Packet | undefined;
  for (const packet of packets) {
    if (packet.id === pinned && fits(packet, wish)) return packet;
    if (fits(packet, wish) && (!best || comparePreference(packet, best) < 0)) best = packet;
  }
  return best;
}
