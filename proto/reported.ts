import Type from 'typebox';
import { PacketId, PacketName } from './ids.ts';
import { Labels } from './labels.ts';

export const REPORTED_SCHEMA = 'jamesd.reported/1';
/** `reported` lists at most this many packages that are not right. */
export const MAX_WRONG_PACKAGES = 50;
/** `reported` lists at most this many packages that the device chose itself. */
export const MAX_CHOSEN_PACKAGES = 200;

export const phases = [
  'idle',
  'waiting',
  'downloading',
  'verified',
  'applying',
  'rebooting',
  'checking',
  'rolling-back',
  'rolled-back',
  'failed',
  'conflict',
] as const;
export type Phase = (typeof phases)[number];
export const Phase = Type.Unsafe<Phase>(Type.Union(phases.map((phase) => Type.Literal(phase))));

export const packetStatuses = [
  'installed',
  'missing',
  'wrong-version',
  'modified',
  'extra',
  'failed',
  'manual',
] as const;
export type PacketStatus = (typeof packetStatuses)[number];
export const PacketStatus = Type.Enum([...packetStatuses]);

/** A number that can still be counted on from. */
const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

const RevisionAndDigest = Type.Object({
  revision: Count,
  digest: Type.String({ maxLength: 80 }),
});

export const ReportedPacket = Type.Object({
  name: PacketName,
  id: Type.Union([PacketId, Type.Null()]),
  status: PacketStatus,
  error: Type.Union([Type.String({ maxLength: 2048 }), Type.Null()]),
});
export interface ReportedPacket {
  name: string;
  id: string | null;
  status: PacketStatus;
  error: string | null;
}

/** A package that is not as the lock wants it. */
const WrongPackage = Type.Object({
  name: Type.String({ maxLength: 256 }),
  status: PacketStatus,
  error: Type.Union([Type.String({ maxLength: 2048 }), Type.Null()]),
});

/** What a device says of the packages of its lock. */
export const ReportedPackages = Type.Object({
  /** How many are as the lock wants them. */
  installed: Count,
  wrong: Type.Array(WrongPackage, { maxItems: MAX_WRONG_PACKAGES }),
  /** What the device's package manager chose, where the lock leaves versions to it. */
  chosen: Type.Optional(
    Type.Array(
      Type.Object({
        name: Type.String({ maxLength: 256 }),
        version: Type.String({ maxLength: 256 }),
        arch: Type.String({ maxLength: 32 }),
      }),
      { maxItems: MAX_CHOSEN_PACKAGES },
    ),
  ),
  /** What stood in the way of the packages at the last try, in words. */
  problem: Type.Optional(Type.String({ maxLength: 2048 })),
});
export interface ReportedPackages {
  installed: number;
  wrong: { name: string; status: PacketStatus; error: string | null }[];
  chosen?: { name: string; version: string; arch: string }[];
  problem?: string;
}

/** What a device says of itself. Unknown members are ignored; `seq` grows across boots and a lower one is ignored. */
export const Reported = Type.Object({
  schema: Type.Literal(REPORTED_SCHEMA),
  epoch: Type.Union([Type.String({ maxLength: 64 }), Type.Null()]),
  seen: Type.Union([RevisionAndDigest, Type.Null()]),
  installed: Type.Union([RevisionAndDigest, Type.Null()]),
  phase: Phase,
  reason: Type.Union([Type.String({ maxLength: 2048 }), Type.Null()]),
  retryAt: Type.Union([Type.String({ maxLength: 40 }), Type.Null()]),
  /** What the reason means here, in sentences. */
  detail: Type.Optional(Type.String({ maxLength: 2048 })),
  /** What was installed asks for a reboot, and a person has to see to it. */
  rebootPending: Type.Optional(Type.Boolean()),
  packets: Type.Array(ReportedPacket, { maxItems: 4096 }),
  packages: ReportedPackages,
  labels: Type.Object({ facts: Labels, config: Labels }),
  agent: Type.String({ maxLength: 64 }),
  bootId: Type.String({ maxLength: 64 }),
  seq: Count,
});
export interface Reported {
  schema: typeof REPORTED_SCHEMA;
  epoch: string | null;
  seen: { revision: number; digest: string } | null;
  installed: { revision: number; digest: string } | null;
  phase: Phase;
  reason: string | null;
  retryAt: string | null;
  detail?: string;
  rebootPending?: boolean;
  packets: ReportedPacket[];
  packages: ReportedPackages;
  labels: { facts: Labels; config: Labels };
  agent: string;
  bootId: string;
  seq: number;
}
