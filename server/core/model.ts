import type { MergedSpec, PlanProblem } from '../../proto/api.ts';
import type { Reason } from '../../proto/desired.ts';
import type { Packet } from '../../proto/packet.ts';
import type { Spec } from '../../proto/spec.ts';

/** A spec as it takes part in planning. */
export type SpecEntry = Spec & { revision: number };

/** Where the planner finds packets. */
export interface PacketIndex {
  /** Packets of a name, oldest upload first. */
  byName(name: string): readonly Packet[];
}

/** A packet that was chosen, and why. */
export interface PlannedPacket {
  packet: Packet;
  reason: Reason;
}

/** The plan for one labelset. */
export interface LabelPlan {
  /** Sorted by name. */
  packets: PlannedPacket[];
  /** Sorted by name: apps that cannot be served; the device keeps what it has of them. */
  problems: PlanProblem[];
  spec: MergedSpec | null;
}
