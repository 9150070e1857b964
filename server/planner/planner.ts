import type { Explanation, Impact, Plan, PlanProblem } from '../../proto/api.ts';
import type { Labels } from '../../proto/labels.ts';
import type { Spec } from '../../proto/spec.ts';
import type { SpecEntry } from '../core/model.ts';

/**
 * Works out the desired state of every device and publishes what changed. Level-triggered: changes only put keys into
 * its queue; every pass reads specs, packets and devices as they are.
 */
export interface Planner {
  /** Loads the devices' points, plans all labelsets again, publishes what differs, then follows changes. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Resolves when everything that was known at the call is planned, durable and handed to the bus. */
  settled(): Promise<void>;

  /** The device's present desired state, or undefined if it has none yet. */
  desiredOf(device: string): DesiredPoint | undefined;
  /**
   * The whole desired document as bytes: the same over MQTT and HTTP. Past half its life it is issued again first, so
   * ask `desiredOf` for its entity tag afterwards. Undefined for an unknown device.
   */
  document(device: string): Promise<Uint8Array | undefined>;
  /** What is sent over MQTT: the document, or a reference to it above 8 KiB. */
  message(device: string): Promise<Uint8Array | undefined>;
  /**
   * Resolves with true when the device's document has another entity tag than `etag` or the device is gone, with false
   * after `ms` or when the signal is aborted.
   */
  waitForChange(device: string, etag: string, ms: number, signal: AbortSignal): Promise<boolean>;
  /** True if the device's present desired state names the packet. */
  wants(device: string, packet: string): boolean;
  /** Calls `listener` with the devices whose desired state changed or went, after that is durable. */
  onChange(listener: (devices: readonly string[]) => void): () => void;

  /** The plan for any labels, by the present specs or by those that are given; pure, nothing is written. */
  compute(labels: Labels, specs?: readonly SpecEntry[]): Plan;
  /** Why a device gets what it gets; for one app, or all. */
  explain(device: string, app?: string): Explanation | undefined;
  /** What replacing specs (null: deleting) would do to the fleet; nothing is written. */
  impactOfSpecs(changes: ReadonlyMap<string, Spec | null>): Promise<Impact>;
  /** What other operator labels of a device would do to it; nothing is written. */
  impactOfLabels(device: string, labels: Labels): Impact;
  /** The device may lose what it has: its held removal is carried out. False if none is held. */
  approveRemoval(device: string): Promise<boolean>;
  /** The ids of specs that choose a packet for some enrolled device. */
  specsChoosing(packet: string): readonly string[];
}

export interface DesiredPoint {
  revision: number;
  digest: string;
  etag: string;
  problems: readonly PlanProblem[];
  /** The device keeps what it has until an operator approves. */
  held: boolean;
}
