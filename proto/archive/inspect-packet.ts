import type { Control } from '../packet.ts';
import { defaultPacketLimits, type PacketLimits } from './packet-limits.ts';
import type { EntryType } from './packet-paths.ts';
import { readPacket, type ScriptName } from './read-packet.ts';

/** What a packet file holds. */
export interface PacketSummary {
  control: Control;
  /** Bytes of all files together. */
  installedBytes: number;
  /** Number of files, hard links and symlinks. */
  files: number;
  directories: number;
  scripts: ScriptName[];
}

/**
 * Reads a packet file to its end and checks all of it, with bounded memory. Throws what `readPacket` throws.
 * `onEntry` is told of everything below the root as it passes.
 */
export async function inspectPacket(
  content: AsyncIterable<Uint8Array>,
  limits: PacketLimits = defaultPacketLimits,
  onEntry: (entry: ListedEntry) => void = () => undefined,
): Promise<PacketSummary> {
  const summary: PacketSummary = {
    control: { name: '' },
    installedBytes: 0,
    files: 0,
    directories: 0,
    scripts: [],
  };
  for await (const entry of readPacket(content, limits)) {
    if (entry.part === 'control') summary.control = entry.control;
    else if (entry.part === 'script') summary.scripts.push(entry.name);
    else {
      summary.installedBytes += entry.size;
      if (entry.type === 'directory') summary.directories += 1;
      else summary.files += 1;
      onEntry(entry);
    }
  }
  return summary;
}

/** An entry as a list shows it. */
export interface ListedEntry {
  path: string;
  type: EntryType;
  mode: number;
  uid: number;
  gid: number;
  modifiedMs: number;
  size: number;
  linkTarget: string | null;
}
