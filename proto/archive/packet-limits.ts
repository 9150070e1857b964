/** What a packet file may at most be; everything that is held in memory while reading is bounded by these. */
export interface PacketLimits {
  /** Entries of the archive, scripts and directories included. */
  entries: number;
  /** Sum of the sizes of the files. */
  installedBytes: number;
  /** Bytes of the whole archive, with headers and padding. */
  archiveBytes: number;
  controlBytes: number;
  scriptBytes: number;
  /** Bytes of one path and of one link target. */
  pathBytes: number;
  /** Bytes of all paths together. */
  pathsBytes: number;
  /** Above `ratioFrom` inflated bytes, inflated bytes for each compressed one. */
  ratio: number;
  ratioFrom: number;
}

export const defaultPacketLimits: PacketLimits = {
  entries: 200_000,
  installedBytes: 8 * 1024 ** 3,
  archiveBytes: 10 * 1024 ** 3,
  controlBytes: 256 * 1024,
  scriptBytes: 1024 * 1024,
  pathBytes: 4096,
  pathsBytes: 32 * 1024 * 1024,
  ratio: 400,
  ratioFrom: 64 * 1024 * 1024,
};
