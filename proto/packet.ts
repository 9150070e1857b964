import Type from 'typebox';
import { Duration, Health } from './health.ts';
import { DriverName, PacketId, PacketName, Timestamp } from './ids.ts';
import { Labels } from './labels.ts';
import { PackageLine } from './package-line.ts';
import { VersionRange } from './version-range.ts';

/** A prerequisite: another packet, matched like an app over the device's labels. */
export const Prerequisite = Type.Object(
  { name: PacketName, labels: Type.Optional(Labels), version: Type.Optional(VersionRange) },
  { additionalProperties: false },
);
export type Prerequisite = { name: string; labels?: Labels; version?: string };

/** An absolute path below the root, without `.` or `..` parts. */
export const ConfigPath = Type.String({
  pattern: '^(/(?!\\.{1,2}(/|$))[^/\\u0000-\\u001f]+)+$',
  maxLength: 4096,
});

/** How the packet's health script is asked: as the checks of a spec. */
export const PacketHealth = Type.Object(
  {
    timeout: Health.properties.timeout,
    retries: Health.properties.retries,
    interval: Health.properties.interval,
  },
  { additionalProperties: false },
);
export type PacketHealth = Omit<Health, 'checks'>;

/** What scripts of the packet get; each may run for 10 minutes if `timeout` is not given. */
export const PacketScripts = Type.Object(
  { timeout: Type.Optional(Duration) },
  { additionalProperties: false },
);
export interface PacketScripts {
  timeout?: string;
}

/** What a packet says of its installation. */
const installing = {
  health: Type.Optional(PacketHealth),
  /** The device boots before the packet counts as installed. */
  reboot: Type.Optional(Type.Literal('required')),
  /** The program of the device that installs it; absent: the agent itself. */
  driver: Type.Optional(DriverName),
  scripts: Type.Optional(PacketScripts),
};
interface Installing {
  health?: PacketHealth;
  reboot?: 'required';
  driver?: string;
  scripts?: PacketScripts;
}

/** `control.yaml` of a packet file. */
export const Control = Type.Object(
  {
    name: PacketName,
    labels: Type.Optional(Labels),
    description: Type.Optional(Type.String({ maxLength: 4096 })),
    depends: Type.Optional(Type.Array(Prerequisite, { maxItems: 256 })),
    /** Packages of the device's own package manager that the packet needs. */
    packages: Type.Optional(Type.Array(PackageLine, { maxItems: 4096 })),
    config: Type.Optional(Type.Array(ConfigPath, { maxItems: 1024 })),
    ...installing,
  },
  { additionalProperties: false },
);
export interface Control extends Installing {
  name: string;
  labels?: Labels;
  description?: string;
  depends?: Prerequisite[];
  packages?: PackageLine[];
  config?: string[];
}

/** A packet as the server keeps and shows it. Immutable; name and labels identify one. */
export const Packet = Type.Object({
  id: PacketId,
  /** The store's sequence number of the upload; a higher one is newer. */
  seq: Type.Integer({ minimum: 1 }),
  name: PacketName,
  labels: Labels,
  /** Bytes of the `.jpk`. */
  size: Type.Integer({ minimum: 0 }),
  description: Type.Optional(Type.String()),
  depends: Type.Optional(Type.Array(Prerequisite)),
  packages: Type.Optional(Type.Array(PackageLine)),
  config: Type.Optional(Type.Array(Type.String())),
  ...installing,
  uploadedAt: Timestamp,
});
export interface Packet extends Installing {
  id: string;
  seq: number;
  name: string;
  labels: Labels;
  size: number;
  description?: string;
  depends?: Prerequisite[];
  packages?: PackageLine[];
  config?: string[];
  uploadedAt: string;
}
