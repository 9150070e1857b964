import Type from 'typebox';
import { PacketId, PacketName } from '../../proto/ids.ts';
import { Labels } from '../../proto/labels.ts';

export const MANIFEST_SCHEMA = 'jamesd.manifest/1';

/** One thing that a packet brings, as its archive says. */
export const ManifestEntry = Type.Object({
  /** Below the root, beginning with `/`. */
  path: Type.String(),
  type: Type.Union([
    Type.Literal('file'),
    Type.Literal('directory'),
    Type.Literal('symlink'),
    Type.Literal('hardlink'),
  ]),
  mode: Type.Integer(),
  uid: Type.Integer(),
  gid: Type.Integer(),
  modifiedMs: Type.Number(),
  size: Type.Integer(),
  linkTarget: Type.Union([Type.String(), Type.Null()]),
  /** SHA-256 of a file's content, hexadecimal; null for anything else. */
  digest: Type.Union([Type.String(), Type.Null()]),
});
export type ManifestEntry = Type.Static<typeof ManifestEntry>;

/** How often and for how long a packet's script `health` is asked. */
const PacketHealthTimes = Type.Object({
  timeoutMs: Type.Integer(),
  retries: Type.Integer(),
  intervalMs: Type.Integer(),
});
export type PacketHealthTimes = Type.Static<typeof PacketHealthTimes>;

/** Where a packet does not say it. */
export const HEALTH_DEFAULTS: PacketHealthTimes = {
  timeoutMs: 30_000,
  retries: 3,
  intervalMs: 5000,
};

/** What the device keeps of a packet file, so that the packet can be removed without it. */
export const Manifest = Type.Object({
  schema: Type.Literal(MANIFEST_SCHEMA),
  id: PacketId,
  name: PacketName,
  labels: Labels,
  /** Names of the packets that it needs. */
  depends: Type.Array(PacketName),
  config: Type.Array(Type.String()),
  scripts: Type.Array(Type.String()),
  /** The program that installs it; none for a packet of files. */
  driver: Type.Optional(Type.String()),
  /** The machine must restart for it. */
  reboot: Type.Optional(Type.Literal('required')),
  /** How long each of its scripts may run, in ms. */
  timeoutMs: Type.Optional(Type.Integer()),
  /** How its script `health` is asked: times in ms. */
  health: Type.Optional(PacketHealthTimes),
  entries: Type.Array(ManifestEntry),
});
export type Manifest = Type.Static<typeof Manifest>;
