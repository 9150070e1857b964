import type { ManifestEntry } from './manifest.ts';

/** An entry of a packet at the place where it really goes: links above it on the device are followed. */
export interface Placed {
  /** Below the root, with no link above it. */
  path: string;
  packet: string;
  entry: ManifestEntry;
  /** Whether the packet calls it configuration. */
  config: boolean;
}

/** What is on the disk at a path. */
export interface DiskFact {
  type: 'file' | 'directory' | 'symlink' | 'other';
  mode: number;
  uid: number;
  gid: number;
  size: number;
  modifiedMs: number;
  /** The number of the file system. */
  device: number;
  linkTarget: string | null;
  /** SHA-256 of the content; only of files that are configuration or of a packet that is repaired. */
  digest: string | null;
}

/** The disk as it was looked at before anything was touched; undefined where there is nothing. */
export interface Disk {
  at(path: string): DiskFact | undefined;
  /** Names in a directory that has to give way to something else. */
  namesIn(path: string): readonly string[];
}

export const isDirectory = ({ entry }: Placed): boolean => entry.type === 'directory';
