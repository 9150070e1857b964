import type { MergedSpec, PlanProblem } from '../../proto/api.ts';
import type { Reason } from '../../proto/desired.ts';
import type { Packet } from '../../proto/packet.ts';
import type { Spec } from '../../proto/spec.ts';
import type { PolicyPlan } from './device-policy.ts';
import type { PackagePlan } from './package-model.ts';

/** A spec as it takes part in planning. */
export type SpecEntry = Spec & {
  revision: number;
  /** It takes updates by itself, but the next one removes too much: until a person takes it, the lock decides. */
  held?: true;
};

/** Whether the lock of a spec decides what its devices get. */
export function isBound({ updates, held }: SpecEntry): boolean {
  return updates === 'manual' || held === true;
}

/** Where the planner finds packets. */
export interface PacketIndex {
  /** Packets of a name, oldest upload first. */
  byName(name: string): readonly Packet[];
}

/** What locks of specs decide for a device; it holds wherever the lines of specs and packets still allow it. */
export interface Pins {
  /** Ids of packets by name. */
  packets: ReadonlyMap<string, string>;
  /** Versions of packages by `name:arch`. */
  packages: ReadonlyMap<string, string>;
  /** Ids of specs that say what they said when their lock was made: nothing that it lacks comes for their sake. */
  whole: ReadonlySet<string>;
  /** By spec, all packages of its row if its lock is whole, by `name:arch`; merged: of specs whose renewal is held. */
  rows: ReadonlyMap<string, Readonly<Record<string, string | null>>>;
}

/** Nothing is decided. */
export const noPins: Pins = {
  packets: new Map(),
  packages: new Map(),
  whole: new Set(),
  rows: new Map(),
};

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
  /** Null: nobody asks for packages. Their problems stand here, not above. */
  packages: PackagePlan | null;
  /** Its problems stand in it, not above. */
  policy: PolicyPlan;
  spec: MergedSpec | null;
}
