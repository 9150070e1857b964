import type { Explanation, Impact, Plan, PlanProblem } from '../../proto/api.ts';
import type { Labels } from '../../proto/labels.ts';
import type { DeviceResolveRequest } from '../../proto/lock.ts';
import type {
  PackageOffer,
  RenewalHold,
  ResolveAnswer,
  ResolveRequest,
} from '../../proto/package-views.ts';
import type { SpecEntry } from '../core/model.ts';
import type { AppliedSource } from '../core/package-model.ts';
import type { DocumentChanges } from './impact.ts';
import type { SpecUpdates } from './spec-updates.ts';

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
  /** True if the device's present desired state names the lock. */
  wantsLock(device: string, digest: string): boolean;
  /** True if a source of the device's present desired state needs the secret. */
  wantsSecret(device: string, name: string): boolean;
  /** The canonical JSON of a lock. */
  lock(digest: string): Promise<string | undefined>;
  /**
   * The lock as canonical JSON, solved for what the device has installed. Throws `not-found` if the device's desired
   * state does not name the lock, and `installed-list-needed` if the list has to be sent.
   */
  resolveFor(device: string, request: DeviceResolveRequest): string;
  /** Calls `listener` with the devices whose desired state changed or went, after that is durable. */
  onChange(listener: (devices: readonly string[]) => void): () => void;

  /** The plan for any labels, by the present specs or by those that are given; pure, nothing is written. */
  compute(labels: Labels, specs?: readonly SpecEntry[]): Plan;
  /** Why a device gets what it gets; for one app, or all. */
  explain(device: string, app?: string): Explanation | undefined;
  /** What the resolver answers for a device or for labels. Throws `not-found`. */
  resolve(request: ResolveRequest): ResolveAnswer;
  /** The sources that apply to a device with these labels, of its type, in order of precedence. */
  sourcesOf(labels: Labels): AppliedSource[];
  /** What sources offer: under a name exactly, or with a text in the name; for a device, labels, or all sources. */
  offers(query: OfferQuery): PackageOffer[];
  /** The locks of specs, proposals and their promotion. */
  readonly updates: SpecUpdates;
  /** The specs whose renewal waits for a person, by id. */
  holds(): RenewalHold[];
  /** What replacing documents (null: deleting) would do to the fleet; nothing is written. */
  impactOfDocuments(changes: DocumentChanges): Promise<Impact>;
  /** What other operator labels of a device would do to it; nothing is written. */
  impactOfLabels(device: string, labels: Labels): Impact;
  /** The device may lose what it has: its held removal is carried out. False if none is held. */
  approveRemoval(device: string): Promise<boolean>;
  /** Issues a device's state as a new revision: what failed is tried again. False for a device without a state. */
  retry(device: string): Promise<boolean>;
  /** Issues a device's state once more, with the wish to look at what is installed. False for a device without a state. */
  refresh(device: string): Promise<boolean>;
  /** The ids of specs that choose a packet for some enrolled device. */
  specsChoosing(packet: string): readonly string[];
}

export interface OfferQuery {
  name?: string;
  search?: string;
  device?: string;
  labels?: Labels;
  limit: number;
}

export interface DesiredPoint {
  revision: number;
  digest: string;
  etag: string;
  problems: readonly PlanProblem[];
  /** The device keeps what it has until an operator approves. */
  held: boolean;
}
