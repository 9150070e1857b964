import Type from 'typebox';
import { PacketId, PacketName, Timestamp } from './ids.ts';
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
  },
  { additionalProperties: false },
);
export interface Control {
  name: string;
  labels?: Labels;
  description?: string;
  depends?: Prerequisite[];
  packages?: PackageLine[];
  config?: string[];
}

/** Keys of a control file that the format knows and this release does not build yet: refused as `unsupported`. */
export const UNSUPPORTED_CONTROL_KEYS = ['health', 'reboot', 'driver'] as const;

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
  uploadedAt: Timestamp,
});
export interface Packet {
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
