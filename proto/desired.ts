import Type from 'typebox';
import { canonicalJson } from './canonical-json.ts';
import { DesiredSource } from './desired-source.ts';
import { DevicePolicy, featuresOf } from './device-policy.ts';
import { sha256Of } from './digest.ts';
import { Digest, DriverName, Id, PacketId, PacketName, Timestamp } from './ids.ts';
import { Labels } from './labels.ts';
import { LockRef } from './lock.ts';

export const DESIRED_SCHEMA = 'jamesd.desired/1';
export const DESIRED_REF_SCHEMA = 'jamesd.desired-ref/1';
/** Above this many bytes the message is a reference and the document is fetched over HTTP. */
export const MAX_DESIRED_MESSAGE_BYTES = 8 * 1024;

/** What a plan can say of an app or a package that it cannot serve. */
export const problemCodes = [
  'no-candidate',
  'conflict',
  'prerequisite-missing',
  'prerequisite-cycle',
  'no-source',
  'no-arch',
  'unresolvable',
  'unsupported',
  'undo-unavailable',
] as const;
export type ProblemCode = (typeof problemCodes)[number];
export const ProblemCode = Type.Union(problemCodes.map((code) => Type.Literal(code)));

/** Why a packet is wanted: the spec's line, and for a prerequisite the packet names from the app down to it. */
export const Reason = Type.Object({
  spec: Id,
  revision: Type.Integer({ minimum: 1 }),
  neededBy: Type.Optional(Type.Array(PacketName)),
});
export interface Reason {
  spec: string;
  revision: number;
  neededBy?: string[];
}

/** A packet that the device shall have. `url` is a path on the server or a full address. */
export const WantedPacket = Type.Object({
  name: PacketName,
  id: PacketId,
  labels: Labels,
  size: Type.Integer({ minimum: 0 }),
  url: Type.String({ maxLength: 2048 }),
  /** What installs it, where the agent does not do so itself. */
  driver: Type.Optional(DriverName),
  reason: Reason,
});
export interface WantedPacket {
  name: string;
  id: string;
  labels: Labels;
  size: number;
  url: string;
  driver?: string;
  reason: Reason;
}

/** The device keeps what it has of that name, with its prerequisites, because of a problem. */
export const KeptPacket = Type.Object({
  name: PacketName,
  keep: Type.Literal(true),
  problem: Type.String({ maxLength: 64 }),
});
export interface KeptPacket {
  name: string;
  keep: true;
  problem: ProblemCode;
}

export const PacketLine = Type.Union([WantedPacket, KeptPacket]);
export type PacketLine = WantedPacket | KeptPacket;

export const isKept = (line: PacketLine): line is KeptPacket => 'keep' in line;

/** The part of a desired document that is computed by the planner and shared by the devices of a labelset. */
export interface DesiredBody {
  packets: PacketLine[];
  /** Null where nothing is asked of the device's package manager. */
  lock: LockRef | null;
  sources: DesiredSource[];
  policy: DevicePolicy;
}

/** The feature that an agent must have for a document with a lock or sources. */
export const PACKAGES_FEATURE = 'packages/1';

/** The feature that an agent must have for packets of a driver. */
export const driverFeature = (driver: string): string => `driver/${driver}`;

/** The features that an agent must have to carry out a body, each once. */
export function requiredFeatures({ packets, lock, sources, policy }: DesiredBody): string[] {
  const drivers = packets.flatMap((line) => ('driver' in line && line.driver ? line.driver : []));
  return [
    ...(lock || sources.length > 0 ? [PACKAGES_FEATURE] : []),
    ...featuresOf(policy),
    ...[...new Set(drivers)].sort().map(driverFeature),
  ];
}

/** A point in a device's sequence of desired states. */
export const Point = Type.Object({
  epoch: Type.String({ maxLength: 64 }),
  revision: Type.Integer({ minimum: 0 }),
});
export interface Point {
  epoch: string;
  revision: number;
}

export const Desired = Type.Object({
  schema: Type.Literal(DESIRED_SCHEMA),
  signatures: Type.Array(Type.Object({ keyid: Type.String(), sig: Type.String() }), {
    maxItems: 16,
  }),
  signed: Type.Object({
    device: Id,
    epoch: Type.String({ minLength: 1, maxLength: 64 }),
    after: Type.Union([Point, Type.Null()]),
    revision: Type.Integer({ minimum: 1 }),
    digest: Digest,
    issuedAt: Timestamp,
    expiresAt: Timestamp,
    /** At a person's wish: what is installed is looked at again, if the last look is older than this. */
    check: Type.Optional(Timestamp),
    requires: Type.Array(Type.String({ maxLength: 128 }), { maxItems: 64 }),
    packets: Type.Array(PacketLine, { maxItems: 4096 }),
    lock: Type.Union([LockRef, Type.Null()]),
    sources: Type.Array(DesiredSource, { maxItems: 1024 }),
    policy: DevicePolicy,
  }),
});
export interface Desired {
  schema: typeof DESIRED_SCHEMA;
  signatures: { keyid: string; sig: string }[];
  signed: DesiredBody & {
    device: string;
    epoch: string;
    after: Point | null;
    revision: number;
    digest: string;
    issuedAt: string;
    expiresAt: string;
    check?: string;
    requires: string[];
  };
}

export const DesiredRef = Type.Object({
  schema: Type.Literal(DESIRED_REF_SCHEMA),
  epoch: Type.String({ minLength: 1, maxLength: 64 }),
  revision: Type.Integer({ minimum: 1 }),
  digest: Digest,
  /** As in the document. */
  check: Type.Optional(Timestamp),
  url: Type.String({ maxLength: 2048 }),
});
export type DesiredRef = Type.Static<typeof DesiredRef>;

/**
 * The digest of a desired state: packets without their reasons, lock, sources and policy. `digestText` gives `sha256:` and
 * 64 hexadecimal digits.
 */
export function desiredDigest(
  body: DesiredBody,
  digestText: (text: string) => string = sha256Of,
): string {
  const packets = body.packets.map((line) => {
    if (isKept(line)) return line;
    const { reason: _reason, ...rest } = line;
    return rest;
  });
  const { lock, sources, policy } = body;
  return digestText(canonicalJson({ packets, lock, sources, policy }));
}

/** The entity tag of a device's desired document. */
export function desiredEtag(signed: { epoch: string; revision: number; issuedAt: string }): string {
  return `"${signed.epoch}.${signed.revision}.${signed.issuedAt}"`;
}
