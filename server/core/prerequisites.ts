import type { PlanProblem } from '../../proto/api.ts';
import type { Labels } from '../../proto/labels.ts';
import type { Packet } from '../../proto/packet.ts';
import { bestMatch, type Line, wishOf } from './match.ts';
import type { PacketIndex, Pins } from './model.ts';
import {
  type Context,
  contradictions,
  cycleFault,
  type Fault,
  failedFault,
  faultsOf,
  unserved,
} from './prerequisite-faults.ts';
import { problem } from './problems.ts';

/**
 * Adds prerequisites to what the specs chose. Vocabulary: a root is a packet that a spec's line chose; a line is a
 * prerequisite of a chosen packet; a fault is a line that cannot be served.
 *
 * Rounds: choose packets for all lines of the roots that are left; find the faults; give up the roots whose chain needs
 * a faulty line; again, until there is no fault. A contradiction between prerequisites is looked at only when no root
 * fails by itself, so that a root which fails anyway takes no other with it. The result does not depend on any order.
 */
export interface Closure {
  /** Every chosen packet by name, roots included. */
  chosen: Map<string, Packet>;
  /** For each chosen packet, the names from the root down to the packet before it; empty for a root. */
  chains: Map<string, string[]>;
  problems: PlanProblem[];
}

/** `failed` holds the apps that have a problem already: a prerequisite of such a name cannot be served either. */
export function closeOver(
  labels: Labels,
  roots: ReadonlyMap<string, Packet>,
  failed: ReadonlyMap<string, PlanProblem>,
  packets: PacketIndex,
  pins: Pins,
): Closure {
  const left = new Map(roots);
  const failures = new Map(failed);
  const problems: PlanProblem[] = [];
  for (;;) {
    const context: Context = { labels, packets, pins, roots: left, failed: failures };
    const { chosen, faults } = choose(context);
    const found = [...left.keys()].flatMap((root) => rootFault(root, chosen, faults) ?? []);
    if (found.length === 0) return { chosen, chains: chainsOf(left, chosen), problems };
    const own = found.filter(({ fault }) => !fault.mutual);
    for (const { root, fault } of own.length > 0 ? own : found) {
      const failure = problem(fault.code, root, fault.detail);
      problems.push(failure);
      failures.set(root, failure);
      left.delete(root);
    }
  }
}

/** Chooses for all lines until nothing changes; a choice that keeps changing is a cycle. */
function choose(context: Context): {
  chosen: Map<string, Packet>;
  faults: Map<string, Map<Line, Fault>>;
} {
  let chosen = new Map(context.roots);
  const seen = new Set<string>();
  for (;;) {
    const lines = linesOf(reachable(context.roots, chosen));
    const { next, faults } = serve(context, lines);
    if (sameChoice(chosen, next)) return { chosen: next, faults };
    const state = [...next]
      .map(([name, packet]) => `${name} ${packet.id}`)
      .sort()
      .join('\n');
    if (seen.has(state))
      return { chosen: next, faults: unsettledFaults(faults, lines, chosen, next) };
    seen.add(state);
    chosen = next;
  }
}

function sameChoice(a: ReadonlyMap<string, Packet>, b: ReadonlyMap<string, Packet>): boolean {
  return a.size === b.size && [...a].every(([name, packet]) => b.get(name)?.id === packet.id);
}

/** The packets that roots need, through what is chosen now. */
function reachable(
  roots: ReadonlyMap<string, Packet>,
  chosen: ReadonlyMap<string, Packet>,
): Map<string, Packet> {
  const found = new Map<string, Packet>();
  const open = [...roots.values()];
  for (let packet = open.pop(); packet; packet = open.pop()) {
    if (found.has(packet.name)) continue;
    found.set(packet.name, packet);
    for (const { name } of packet.depends ?? []) {
      const next = chosen.get(name);
      if (next) open.push(next);
    }
  }
  return found;
}

function linesOf(packets: ReadonlyMap<string, Packet>): Map<string, Line[]> {
  const lines = new Map<string, Line[]>();
  for (const packet of packets.values()) {
    for (const line of packet.depends ?? [])
      lines.set(line.name, [...(lines.get(line.name) ?? []), line]);
  }
  return lines;
}

function serve(context: Context, lines: ReadonlyMap<string, Line[]>) {
  const next = new Map(context.roots);
  const faults = new Map<string, Map<Line, Fault>>();
  for (const [name, wanted] of lines) {
    const { packet, faulty } = serveName(context, name, wanted);
    if (packet) next.set(name, packet);
    if (faulty.size > 0) faults.set(name, faulty);
  }
  return { next, faults };
}

function serveName(
  context: Context,
  name: string,
  lines: Line[],
): { packet: Packet | undefined; faulty: Map<Line, Fault> } {
  const root = context.roots.get(name);
  const failure = context.failed.get(name);
  if (failure)
    return { packet: undefined, faulty: faultsOf(lines, () => failedFault(name, failure)) };
  if (root) return { packet: root, faulty: contradictions(context, root, lines) };
  const wish = wishOf(context.labels, lines);
  const packet = wish
    ? bestMatch(context.packets.byName(name), wish, context.pins.packets.get(name))
    : undefined;
  return { packet, faulty: packet ? new Map() : unserved(context, name, lines) };
}

/** The choice of some names never settles because it depends on itself. */
function unsettledFaults(
  faults: Map<string, Map<Line, Fault>>,
  lines: ReadonlyMap<string, Line[]>,
  before: ReadonlyMap<string, Packet>,
  after: ReadonlyMap<string, Packet>,
): Map<string, Map<Line, Fault>> {
  for (const [name, wanted] of lines) {
    if (before.get(name)?.id === after.get(name)?.id) continue;
    faults.set(
      name,
      faultsOf(wanted, () => cycleFault([name])),
    );
  }
  return faults;
}

/** The first fault on a root's way down, if any; a fault of its own goes before a mutual one. */
function rootFault(
  root: string,
  chosen: ReadonlyMap<string, Packet>,
  faults: ReadonlyMap<string, Map<Line, Fault>>,
) {
  const found: Fault[] = [];
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    const packet = chosen.get(name);
    if (path.includes(name)) found.push(cycleFault([...path.slice(path.indexOf(name)), name]));
    if (!packet || done.has(name)) return;
    done.add(name);
    for (const line of packet.depends ?? []) {
      const fault = faults.get(line.name)?.get(line);
      if (fault) found.push(fault);
      else visit(line.name, [...path, name]);
    }
  };
  visit(root, []);
  const fault = found.find((one) => !one.mutual) ?? found[0];
  return fault && { root, fault };
}

/** The shortest chain from a root to each chosen packet; of equal ones the first by name. */
function chainsOf(
  roots: ReadonlyMap<string, Packet>,
  chosen: Map<string, Packet>,
): Map<string, string[]> {
  const chains = new Map<string, string[]>([...roots.keys()].sort().map((name) => [name, []]));
  for (const [name, chain] of chains) {
    for (const line of chosen.get(name)?.depends ?? []) {
      if (!chains.has(line.name)) chains.set(line.name, [...chain, name]);
    }
  }
  return chains;
}
