import Type from 'typebox';
import { PacketId, PacketName } from '../../proto/ids.ts';
import { Labels } from '../../proto/labels.ts';

export const INDEX_SCHEMA = 'jamesd.installed/1';

/** Whether a packet came with a desired state or was installed by hand. */
export const Origin = Type.Union([Type.Literal('plan'), Type.Literal('manual')]);
export type Origin = Type.Static<typeof Origin>;

export const InstalledPacket = Type.Object({
  name: PacketName,
  id: PacketId,
  labels: Labels,
  origin: Origin,
  /** Names of the packets that it needs. */
  depends: Type.Array(PacketName),
});
export type InstalledPacket = Type.Static<typeof InstalledPacket>;

/** A file of nobody that a packet replaced: what it was; its content, if it had any, is kept under `copy`. */
export const KeptFile = Type.Object({
  path: Type.String(),
  type: Type.Union([Type.Literal('file'), Type.Literal('symlink')]),
  mode: Type.Integer(),
  uid: Type.Integer(),
  gid: Type.Integer(),
  modifiedMs: Type.Number(),
  size: Type.Integer(),
  linkTarget: Type.Union([Type.String(), Type.Null()]),
  copy: Type.Union([Type.String(), Type.Null()]),
});
export type KeptFile = Type.Static<typeof KeptFile>;

/** Everything that the device knows of what is installed; replaced as a whole. */
export const InstalledIndex = Type.Object({
  schema: Type.Literal(INDEX_SCHEMA),
  /** The root that all paths are below; null before anything was installed. */
  root: Type.Union([Type.String(), Type.Null()]),
  /** The desired state that was last brought about in whole. */
  point: Type.Union([
    Type.Object({ epoch: Type.String(), revision: Type.Integer(), digest: Type.String() }),
    Type.Null(),
  ]),
  packets: Type.Array(InstalledPacket),
  kept: Type.Array(KeptFile),
  /** Directories that were made for a packet; they go when they are empty and no packet has them. */
  directories: Type.Array(Type.String()),
  /** New versions of configuration files that were put beside changed ones, and whose they are. */
  beside: Type.Array(Type.Object({ path: Type.String(), packet: PacketName })),
});
export type InstalledIndex = Type.Static<typeof InstalledIndex>;

export const emptyIndex: InstalledIndex = {
  schema: INDEX_SCHEMA,
  root: null,
  point: null,
  packets: [],
  kept: [],
  directories: [],
  beside: [],
};
