import type { Labels } from '../../proto/labels.ts';
import type { Transport } from '../../proto/messages.ts';
import type { Reported } from '../../proto/reported.ts';

/** All devices, as they stand in the store; held in memory and kept current. */
export interface Devices {
  get(id: string): DeviceEntry | undefined;
  all(): Iterable<DeviceEntry>;
  size(): number;
  /** Calls `listener` after the effective labels of a device changed, or it was enrolled or removed, and that is durable. */
  onChange(listener: (change: DeviceChange) => void): () => void;
}

export interface DeviceChange {
  device: string;
  /** Who made it: `device` for facts and configured labels; `person` for operator labels; enrol and removal. */
  cause: 'device' | 'person' | 'enrolled' | 'removed';
}

/** Live: it shows the device as it is at each moment. Sets of labels in it are replaced, never changed in place. */
export interface DeviceEntry {
  readonly id: string;
  /** `pending`: the id was asked for again and an operator has to approve. */
  readonly state: 'enrolled' | 'pending';
  /** Effective: facts, configuration, join token, operator; later over earlier. */
  readonly labels: Labels;
  readonly labelSources: { facts: Labels; config: Labels; join: Labels; operator: Labels };
  readonly reported: ReportedSummary | null;
  readonly online: boolean;
  readonly since: string | null;
  readonly transport: Transport | null;
  readonly enrolledAt: string;
  readonly lastSeenAt: string | null;
}

/** What is kept in memory of a device's last report; the whole stands in the store. */
export type ReportedSummary = Pick<
  Reported,
  'phase' | 'reason' | 'installed' | 'seen' | 'seq' | 'epoch'
> & {
  /** Absent: none. */
  retryAt?: string;
  rebootPending?: true;
  /** Ids and names of the packets that it has or failed to have. */
  packets: Reported['packets'];
};
