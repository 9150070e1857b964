import type { MergedSpec, PlanProblem } from '../../proto/api.ts';
import type { Labels } from '../../proto/labels.ts';
import type { Packet } from '../../proto/packet.ts';
import { type AppLine, appLines, applyingSpecs } from './app-lines.ts';
import { type PolicyPlan, planPolicy } from './device-policy.ts';
import { bestMatch, wishOf } from './match.ts';
import {
  isBound,
  type LabelPlan,
  noPins,
  type PacketIndex,
  type Pins,
  type PlannedPacket,
  type SpecEntry,
} from './model.ts';
import { packageFields } from './package-policy.ts';
import { closeOver } from './prerequisites.ts';
import { describeLine, describeMissing, describePacket, problem } from './problems.ts';

/**
 * The packets that devices with these labels should have. An app that cannot be served is a problem and holds up no other; its
 * name is not among `packets`, so the device keeps what it has of it. Independent of the order of specs and packets.
 */
export function planLabels(
  labels: Labels,
  specs: readonly SpecEntry[],
  packets: PacketIndex,
  pins: Pins = noPins,
): LabelPlan {
  const applying = applyingSpecs(labels, specs);
  const lines = appLines(applying);
  const roots = new Map<string, Packet>();
  const failed = new Map<string, PlanProblem>();
  for (const [name, all] of lines) {
    const choice = chooseApp(labels, name, all, packets, pins);
    if ('code' in choice) failed.set(name, choice);
    else roots.set(name, choice);
  }
  const closure = closeOver(labels, roots, failed, packets, pins);
  const policy = planPolicy(applying);
  return {
    packets: [...closure.chosen.values()]
      .sort(byName)
      .map((packet) => planned(packet, closure.chains, lines)),
    problems: [...failed.values(), ...closure.problems].sort(byName),
    packages: null,
    policy,
    spec: mergedSpec(applying, lines, policy),
  };
}

/** The packet for an app, from the lines of the highest priority, or the problem. */
export function chooseApp(
  labels: Labels,
  name: string,
  lines: readonly AppLine[],
  packets: PacketIndex,
  pins: Pins = noPins,
): Packet | PlanProblem {
  const candidates = packets.byName(name);
  const counting = lines.filter(({ counts }) => counts);
  const pinned = counting.some(({ spec }) => isBound(spec)) ? pins.packets.get(name) : undefined;
  const choices: { line: AppLine; packet: Packet }[] = [];
  for (const line of counting) {
    const wish = wishOf(labels, [line.app]);
    const packet = wish ? bestMatch(candidates, wish, pinned) : undefined;
    if (!packet) {
      return problem(
        'no-candidate',
        name,
        `Spec ${line.spec.id}: ${describeMissing(labels, line.app, packets)}`,
      );
    }
    choices.push({ line, packet });
  }
  const [first] = choices as [(typeof choices)[0]];
  if (choices.every(({ packet }) => packet.id === first.packet.id)) return first.packet;
  return problem('conflict', name, describeConflict(choices));
}

function describeConflict(choices: readonly { line: AppLine; packet: Packet }[]): string {
  const sides = choices.map(
    ({ line, packet }) =>
      `spec ${line.spec.id} asks for ${describeLine(line.app)} and so gets ${describePacket(packet)}`,
  );
  return `At priority ${choices[0]?.line.priority}, ${sides.join('; ')}. Give one spec a higher priority or let them agree.`;
}

function planned(
  packet: Packet,
  chains: ReadonlyMap<string, string[]>,
  lines: ReadonlyMap<string, AppLine[]>,
): PlannedPacket {
  const chain = chains.get(packet.name) ?? [];
  const root = chain[0] ?? packet.name;
  const spec = lines.get(root)?.find(({ counts }) => counts)?.spec as SpecEntry;
  const reason = {
    spec: spec.id,
    revision: spec.revision,
    ...(chain.length > 0 && { neededBy: chain }),
  };
  return { packet, reason };
}

function mergedSpec(
  applying: readonly SpecEntry[],
  lines: ReadonlyMap<string, AppLine[]>,
  policy: PolicyPlan,
): MergedSpec | null {
  if (applying.length === 0) return null;
  const apps = [...lines.values()].flat().filter(({ counts }) => counts);
  const fields = [...packageFields(applying), ...policy.fields];
  return {
    ids: applying.map(({ id }) => id),
    apps: apps.map(({ app, spec, priority }) => ({ ...app, spec: spec.id, priority })),
    ...(fields.length > 0 && { policy: fields }),
  };
}

function byName(
  a: { name: string } | { packet: Packet },
  b: { name: string } | { packet: Packet },
): number {
  const left = 'packet' in a ? a.packet.name : a.name;
  const right = 'packet' in b ? b.packet.name : b.name;
  return left < right ? -1 : left > right ? 1 : 0;
}
