import Type from 'typebox';
import type { Reason } from './desired.ts';
import type { Labels } from './labels.ts';
import type { MergedField, PolicyChange } from './merged-policy.ts';
import type { Transport } from './messages.ts';
import type {
  MergedPackages,
  PackagesChange,
  PlannedPackage,
  SourceExplanation,
} from './package-views.ts';
import type { Packet } from './packet.ts';
import type { Phase, Reported } from './reported.ts';
import type { Selector } from './selector.ts';
import type { App } from './spec.ts';

/** Shapes of the HTTP API below `/v1`, as server, agent and ctl exchange them. */

/** A page of a list: `next` is the cursor of the following page (`?cursor=`), null at the end. */
export interface Page<Item> {
  items: Item[];
  next: string | null;
}

/** A problem of a plan; `name` is the app's. */
export interface PlanProblem {
  code: string;
  name: string;
  detail: string;
}

/** The answer of `POST compute`: the plan for a labelset. */
export interface Plan {
  packets: {
    id: string;
    name: string;
    labels: Labels;
    size: number;
    url: string;
    reason: Reason;
  }[];
  /** Of the device's own package manager, prerequisites included; sorted by name, then architecture. */
  packages: PlannedPackage[];
  problems: PlanProblem[];
  /** The specs that apply, merged; null when none does. */
  spec: MergedSpec | null;
}

export interface MergedSpec {
  /** The ids of the specs that apply, in order of priority, then id. */
  ids: string[];
  apps: (App & { spec: string; priority: number })[];
  /** Absent where nobody asks for packages. */
  packages?: MergedPackages;
  /** Fields of the policy of which specs say something; absent: none. */
  policy?: MergedField[];
}

/** What a change of the configuration does to the fleet. Counts are of (device, packet) pairs. */
export interface Impact {
  /** Devices whose desired state changes. */
  devices: number;
  /** Of these, those that get other sources; absent: none. */
  otherSources?: number;
  /** Of these, those that get another policy; absent: none. */
  otherPolicy?: number;
  installs: number;
  upgrades: number;
  /** Packets and packages that go without a successor of their name. */
  removals: number;
  /** Counts of (device, package) pairs; its removals are part of those above. Without `downgrades` there are none. */
  packages: { installs: number; upgrades: number; downgrades?: number; removals: number };
  /** Devices that would lose a packet or package without a successor. */
  devicesLosing: number;
  /** Devices that would have nothing left. */
  devicesEmptied: number;
  /** Up to 100 rows, one per labelset that changes. */
  labelsets: {
    labels: Labels;
    devices: number;
    installs: PacketRef[];
    upgrades: { from: PacketRef; to: PacketRef }[];
    removals: PacketRef[];
    packages: PackagesChange;
    /** Absent: it stays. */
    policy?: PolicyChange[];
    problems: PlanProblem[];
  }[];
}

export interface PacketRef {
  id: string;
  name: string;
  labels: Labels;
}

export interface DeviceView {
  id: string;
  /** `pending`: the id was asked for again and an operator has to approve; the old secret still works. */
  state: 'enrolled' | 'pending';
  labels: Labels;
  /** Where each label comes from; later ones win. */
  labelSources: { facts: Labels; config: Labels; join: Labels; operator: Labels };
  phase: Phase;
  reason: string | null;
  converged: boolean;
  online: boolean;
  /** Time of the last change of `online`. */
  since: string | null;
  transport: Transport | null;
  desired: { revision: number; digest: string; problems: PlanProblem[] } | null;
  reported: Reported | null;
  enrolledAt: string;
  lastSeenAt: string | null;
}

/** Body of `PATCH devices/{id}`: null removes an operator label. */
export interface DevicePatch {
  labels: Record<string, string | null>;
}

/** The answer of `POST enrol`. The secret is shown once. */
export interface Enrolment {
  device: string;
  secret: string;
}

export interface TokenView {
  id: string;
  kind: 'operator' | 'join';
  description: string | null;
  labels: Labels;
  /** How often it may still be used; null: without limit. */
  usesLeft: number | null;
  expiresAt: string | null;
  createdAt: string;
}

export interface TokenRequest {
  kind: 'operator' | 'join';
  description?: string;
  labels?: Labels;
  uses?: number;
  /** Seconds from now. */
  expiresIn?: number;
}

/** The answer of `POST tokens`; the token is shown once. */
export interface NewToken extends TokenView {
  token: string;
}

export const eventKinds = [
  'spec-created',
  'spec-updated',
  'spec-deleted',
  'spec-rolled-back',
  'source-created',
  'source-updated',
  'source-deleted',
  'source-rolled-back',
  'source-file-failed',
  'source-refreshed',
  'source-failed',
  'secret-set',
  'secret-deleted',
  'generation-rolled-back',
  'packet-uploaded',
  'packet-deleted',
  'device-enrolled',
  'device-claimed',
  'device-approved',
  'device-removed',
  'device-labels',
  'device-converged',
  'device-failed',
  'device-conflict',
  'device-drifted',
  'removal-held',
  'removal-approved',
  'device-retried',
  'device-refreshed',
  'lock-planned',
  'lock-renewed',
  'lock-promoted',
  'lock-returned',
  'renewal-held',
  'renewal-resumed',
  'token-created',
  'token-deleted',
  'server-started',
] as const;
export type EventKind = (typeof eventKinds)[number];

export interface EventView {
  seq: number;
  at: string;
  kind: EventKind;
  /** Who caused it: `token:ID`, `device:ID`, `file` (a file of the server) or `server`. */
  actor: string;
  /** What it is about: an id of a spec, packet, device or token. */
  subject: string;
  detail: string | null;
}

/** The answer of `GET explain/{device}`. */
export interface Explanation {
  device: string;
  labels: Labels;
  specs: { id: string; revision: number; applies: boolean; target: Selector; unmet: string[] }[];
  apps: AppExplanation[];
  sources: SourceExplanation[];
  packages: PlannedPackage[];
  /** Fields of the policy of which specs say something, with these specs. */
  policy: MergedField[];
  problems: PlanProblem[];
}

export interface AppExplanation {
  name: string;
  lines: {
    spec: string;
    priority: number;
    counts: boolean;
    labels: Labels;
    version: string | null;
  }[];
  /** The device's labels overlaid by the app's, for the line that counts. */
  wanted: Labels;
  chosen: (PacketRef & { reason: Reason; why: string }) | null;
  /** Best first, at most 20; `verdict` is a sentence such as "has fewer labels (2 against 3)". */
  candidates: (PacketRef & { eligible: boolean; verdict: string })[];
  problem: PlanProblem | null;
}

/** `POST packets` and `GET packets/{id}`. */
export type PacketView = Packet & { url: string };

/** Query of every list: `?limit=&cursor=`. */
export const ListQuery = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  cursor: Type.Optional(Type.String({ maxLength: 512 })),
});
