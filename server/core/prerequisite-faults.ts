import type { PlanProblem } from '../../proto/api.ts';
import type { ProblemCode } from '../../proto/desired.ts';
import type { Labels } from '../../proto/labels.ts';
import type { Packet } from '../../proto/packet.ts';
import { bestMatch, type Line, satisfies, wishOf } from './match.ts';
import type { PacketIndex, Pins } from './model.ts';
import { describeLine, describeMissing, describePacket } from './problems.ts';

/** Why a prerequisite line cannot be served. */
export interface Fault {
  code: ProblemCode;
  detail: string;
  /** Contradictions between prerequisites give way to roots that fail by themselves. */
  mutual: boolean;
}

/** What the choice of prerequisites depends on. */
export interface Context {
  labels: Labels;
  packets: PacketIndex;
  pins: Pins;
  roots: ReadonlyMap<string, Packet>;
  /** Names that a spec wants and that cannot be served. */
  failed: ReadonlyMap<string, PlanProblem>;
}

/** A prerequisite of a name that a spec wants and that has a problem of its own. */
export function failedFault(name: string, failure: PlanProblem): Fault {
  const code =
    failure.code === 'prerequisite-cycle' || failure.code === 'conflict'
      ? failure.code
      : 'prerequisite-missing';
  return {
    code,
    mutual: false,
    detail: `It needs ${name}, which a spec wants and which cannot be served: ${failure.detail}`,
  };
}

/** Lines that the packet of a spec's own line does not satisfy: the spec's line stays. */
export function contradictions(context: Context, root: Packet, lines: Line[]): Map<Line, Fault> {
  const broken = lines.filter((line) => {
    const wish = wishOf(context.labels, [line]);
    return !wish || !satisfies(root, wish);
  });
  return faultsOf(broken, (line) => ({
    code: 'conflict',
    mutual: false,
    detail: `It needs ${describeLine(line)}, but a spec wants ${describePacket(root)}.`,
  }));
}

/** Lines that no packet serves at all are missing; if each could be served alone, they contradict each other. */
export function unserved(context: Context, name: string, lines: Line[]): Map<Line, Fault> {
  const candidates = context.packets.byName(name);
  const missing = lines.filter((line) => {
    const wish = wishOf(context.labels, [line]);
    return !wish || !bestMatch(candidates, wish);
  });
  if (missing.length > 0) {
    return faultsOf(missing, (line) => ({
      code: 'prerequisite-missing',
      mutual: false,
      detail: `It needs ${describeLine(line)}. ${describeMissing(context.labels, line, context.packets)}`,
    }));
  }
  const together = [...new Set(lines.map(describeLine))].sort().join(' and ');
  return faultsOf(lines, () => ({
    code: 'conflict',
    mutual: true,
    detail: `Prerequisites contradict each other: ${together}.`,
  }));
}

/** Packets that need each other, in the order in which they do. */
export function cycleFault(names: readonly string[]): Fault {
  return {
    code: 'prerequisite-cycle',
    mutual: false,
    detail: `Packets need each other: ${names.join(' → ')}.`,
  };
}

/** The same kind of fault for each of the lines. */
export function faultsOf(lines: Line[], fault: (line: Line) => Fault): Map<Line, Fault> {
  return new Map(lines.map((line) => [line, fault(line)]));
}
