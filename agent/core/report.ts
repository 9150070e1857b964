import type { Labels } from '../../proto/labels.ts';
import {
  type Phase,
  REPORTED_SCHEMA,
  type Reported,
  type ReportedPackages,
  type ReportedPacket,
} from '../../proto/reported.ts';
import type { AcceptedPoint } from './accept-desired.ts';

/** What the agent says of itself, before it has a number. */
export interface Standing {
  seen: AcceptedPoint | null;
  installed: AcceptedPoint | null;
  phase: Phase;
  reason: string | null;
  /** What the reason means here, in sentences. */
  detail: string | null;
  /** Wall-clock time in ms of the next try, or null. */
  retryAt: number | null;
  rebootPending: boolean;
  packets: readonly ReportedPacket[];
  /** Null where jamesd has nothing to do with the device's package manager. */
  packages: ReportedPackages | null;
  /** What stood in the way of packages at the last try. */
  packageProblem: string | null;
  /** Packets that the last try failed on; they stand in the report instead of what is installed of their name. */
  failures: readonly ReportedPacket[];
}

export interface AgentFacts {
  facts: Labels;
  config: Labels;
  agent: string;
  bootId: string;
}

const MAX_REASON = 2048;
const MAX_PACKETS = 4096;

/** The report; texts are cut to what its schema allows. */
export function composeReport(standing: Standing, about: AgentFacts, seq: number): Reported {
  const { seen, installed } = standing;
  const epoch = seen?.epoch ?? installed?.epoch ?? null;
  return {
    schema: REPORTED_SCHEMA,
    epoch,
    seen: seen && { revision: seen.revision, digest: seen.digest },
    installed:
      installed && installed.epoch === epoch
        ? { revision: installed.revision, digest: installed.digest }
        : null,
    phase: standing.phase,
    reason: cut(standing.reason),
    retryAt: standing.retryAt === null ? null : new Date(standing.retryAt).toISOString(),
    ...(standing.detail !== null && { detail: cut(standing.detail) ?? '' }),
    ...(standing.rebootPending && { rebootPending: true }),
    packets: mergePackets(standing.packets, standing.failures),
    packages: packagesOf(standing),
    labels: { facts: about.facts, config: about.config },
    agent: about.agent,
    bootId: about.bootId,
    seq,
  };
}

function packagesOf({ packages, packageProblem }: Standing): ReportedPackages {
  const problem = cut(packageProblem);
  return { ...(packages ?? { installed: 0, wrong: [] }), ...(problem !== null && { problem }) };
}

function mergePackets(
  packets: readonly ReportedPacket[],
  failures: readonly ReportedPacket[],
): ReportedPacket[] {
  const byName = new Map(packets.map((packet) => [packet.name, packet]));
  for (const failed of failures) {
    const present = byName.get(failed.name);
    byName.set(failed.name, present ? { ...present, error: failed.error } : failed);
  }
  return [...byName.values()]
    .slice(0, MAX_PACKETS)
    .map((packet) => ({ ...packet, error: cut(packet.error) }));
}

function cut(text: string | null): string | null {
  return text === null || text.length <= MAX_REASON ? text : `${text.slice(0, MAX_REASON - 1)}…`;
}
