import { isKept, type PacketLine, type WantedPacket } from '../../proto/desired.ts';
import type { InstalledPacket } from './installed-index.ts';

/** One packet's part of a transaction. */
export type Step =
  | { kind: 'install'; name: string; from: null; to: string }
  /** From a packet to the same one: what was changed of it is put back, see `isRepair`. */
  | { kind: 'upgrade'; name: string; from: string; to: string }
  | { kind: 'remove'; name: string; from: string; to: null };

/** Whether a step only puts back what was changed of an installed packet. */
export const isRepair = ({ from, to }: Pick<Step, 'from' | 'to'>): boolean =>
  from !== null && from === to;

export interface StepPlan {
  /** What has to be done, in the order in which it is done. */
  steps: Step[];
  /** What stands in the target and was installed by hand: from now on it belongs to the plan. */
  adopted: string[];
}

/** The names of the packets that the packet with this id needs; none if that is not known yet. */
export type DependsOf = (id: string) => readonly string[];

/**
 * The steps from what is installed to what the target wants. Kept lines keep the installed packet of that name with its
 * prerequisites; what was installed by hand is left alone unless a line wants its name; what came by a plan and stands in
 * none any more is removed. A packet comes after those it needs and goes before them; removals come last. The result
 * does not depend on the order of `installed` and `lines`. What stands in `repair` and in the target is repaired.
 */
export function planSteps(
  installed: readonly InstalledPacket[],
  lines: readonly PacketLine[],
  dependsOf: DependsOf,
  repair: ReadonlySet<string> = new Set(),
): StepPlan {
  const wanted = new Map<string, WantedPacket>();
  for (const line of lines) if (!isKept(line)) wanted.set(line.name, line);
  const kept = keptNames(installed, lines);
  const has = new Map(installed.map((packet) => [packet.name, packet]));
  const comes: Step[] = [];
  for (const { name, id } of wanted.values()) {
    const old = has.get(name);
    if (!old) comes.push({ kind: 'install', name, from: null, to: id });
    else if (old.id !== id || repair.has(name))
      comes.push({ kind: 'upgrade', name, from: old.id, to: id });
  }
  const goes: Step[] = installed
    .filter(({ name, origin }) => origin === 'plan' && !wanted.has(name) && !kept.has(name))
    .map(({ name, id }) => ({ kind: 'remove', name, from: id, to: null }));
  return {
    steps: [...inOrder(comes, dependsOf), ...inOrder(goes, dependsOf).reverse()],
    adopted: installed
      .filter(({ name, id, origin }) => origin === 'manual' && wanted.get(name)?.id === id)
      .map(({ name }) => name)
      .sort(),
  };
}

/** The names that kept lines hold, with the prerequisites of what is installed under them. */
function keptNames(
  installed: readonly InstalledPacket[],
  lines: readonly PacketLine[],
): ReadonlySet<string> {
  const depends = new Map(installed.map((packet) => [packet.name, packet.depends]));
  const kept = new Set<string>();
  const open = lines.filter(isKept).map((line) => line.name);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (kept.has(name)) continue;
    kept.add(name);
    open.push(...(depends.get(name) ?? []));
  }
  return kept;
}

/** Prerequisites first; by name where they leave it open, and where they go round in a circle. */
function inOrder(steps: readonly Step[], dependsOf: DependsOf): Step[] {
  const open = new Map([...steps].sort(byName).map((step) => [step.name, step]));
  const ordered: Step[] = [];
  const visit = (step: Step): void => {
    if (!open.delete(step.name)) return;
    for (const name of [...dependsOf(step.to ?? step.from)].sort()) {
      const needed = open.get(name);
      if (needed) visit(needed);
    }
    ordered.push(step);
  };
  for (const step of [...open.values()]) visit(step);
  return ordered;
}

const byName = (a: Step, b: Step): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
