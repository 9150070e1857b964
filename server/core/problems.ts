import type { PlanProblem } from '../../proto/api.ts';
import type { ProblemCode } from '../../proto/desired.ts';
import { formatLabels, type Labels } from '../../proto/labels.ts';
import type { Packet } from '../../proto/packet.ts';
import {
  comparePreference,
  extraLabels,
  type Line,
  satisfies,
  type Wish,
  wishOf,
} from './match.ts';
import type { PacketIndex } from './model.ts';

/** A problem of an app, with the sentence that a person needs to act. */
export function problem(code: ProblemCode, name: string, detail: string): PlanProblem {
  return { code, name, detail };
}

/** `logger {arch=armv7l,version=1.0.0}` */
export function describePacket(packet: Packet): string {
  return `${packet.name} {${formatLabels(packet.labels)}}`;
}

/** `logger {version=1.0.0}` or `logger >=1.2 <2`. */
export function describeLine(line: Line): string {
  const labels = formatLabels(line.labels ?? {});
  return [line.name, line.version, labels && `{${labels}}`].filter(Boolean).join(' ');
}

/** Why no packet serves the line: the nearest candidates and the labels that each lacks or has too many. */
export function describeMissing(device: Labels, line: Line, packets: PacketIndex): string {
  const all = packets.byName(line.name);
  if (all.length === 0) return `There is no packet named "${line.name}"; upload one.`;
  const wish = wishOf(device, [line]);
  if (!wish) return `The line ${describeLine(line)} contradicts itself.`;
  const nearest = nearestPackets(all, wish, 3).map(
    (packet) => `${describePacket(packet)} ${whyNot(packet, wish)}`,
  );
  return `No packet fits ${describeLine(line)}. Nearest: ${nearest.join('; ')}.`;
}

/** The packets that miss the wish by least, best first. */
export function nearestPackets(all: readonly Packet[], wish: Wish, count: number): Packet[] {
  const distance = (packet: Packet): number => misses(packet, wish).length;
  return [...all]
    .sort((a, b) => distance(a) - distance(b) || comparePreference(a, b))
    .slice(0, count);
}

/** Why the packet does not fit, as the rest of a sentence; empty if it fits. */
export function whyNot(packet: Packet, wish: Wish): string {
  return misses(packet, wish).join(' and ');
}

function misses(packet: Packet, wish: Wish): string[] {
  const lacking = Object.keys(wish.required)
    .filter((key) => packet.labels[key] !== wish.required[key])
    .map(
      (key) =>
        `lacks ${key}=${wish.required[key]}${packet.labels[key] === undefined ? '' : ` (has ${packet.labels[key]})`}`,
    );
  const outOfRange = lacking.length === 0 && !satisfies(packet, wish);
  const extra = extraLabels(packet, wish)
    .filter((key) => !Object.hasOwn(wish.required, key))
    .map((key) => `needs ${key}=${packet.labels[key]} (${ownValue(wish, key)})`);
  return [...lacking, ...(outOfRange ? [describeVersion(packet)] : []), ...extra];
}

function describeVersion(packet: Packet): string {
  const version = packet.labels.version;
  return version === undefined ? 'has no version' : `has version ${version}, out of the range`;
}

function ownValue(wish: Wish, key: string): string {
  return Object.hasOwn(wish.wanted, key)
    ? `the device has ${wish.wanted[key]}`
    : `the device has no label "${key}"`;
}
