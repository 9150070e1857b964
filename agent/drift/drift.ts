import type { InstalledIndex } from '../core/installed-index.ts';
import type { Device } from '../drivers/device.ts';
import type { FileInfo } from '../system/files.ts';
import { createShare } from './core/share.ts';
import { createDriftRecords } from './drift-record.ts';
import { type Examining, examinePackets, type Touched } from './examine-packets.ts';
import type { PacketDrift } from './packet-drift.ts';

/** What was changed of installed packets, by whom ever. No transaction may run meanwhile. */
export interface Drift {
  /**
   * Looks at all packets and keeps what it finds. Files are read where `lstat` shows a difference, and in turns; all of them
   * if `thorough`, or if `check` is a wish that was not followed yet.
   */
  look(index: InstalledIndex, how: DriftLook): Promise<PacketDrift[]>;
  /** Looks once more, at everything of them, at the packets that were wrong. Gives those that still are. */
  again(index: InstalledIndex, signal: AbortSignal): Promise<PacketDrift[]>;
  /** What was found last, with the first paths of each. */
  found(): Promise<PacketDrift[]>;
}

export interface DriftLook {
  thorough: boolean;
  check: string | null;
  signal: AbortSignal;
}

export function createDrift(device: Device): Drift {
  const { files, root, log, user, stateDirectory } = device;
  const records = createDriftRecords({ files, state: stateDirectory, log });
  const touched = createTouched();
  const examining = (index: InstalledIndex, signal: AbortSignal): Omit<Examining, 'reads'> => ({
    ...{ files, root, index, touched, signal },
    owners: user.uid === 0,
    readManifest: (id) => device.state.readManifest(id),
  });

  return {
    async look(index, { thorough, check, signal }) {
      const record = await records.read();
      const isAsked = check !== null && check !== record.check;
      const share = createShare(thorough || isAsked ? null : record);
      const all = { ...examining(index, signal), reads: share.take };
      const packets = await examinePackets(all, null);
      await records.write({ ...record, ...share.end(), packets, check: check ?? record.check });
      return packets;
    },
    async again(index, signal) {
      const record = await records.read();
      if (record.packets.length === 0) return [];
      const names = new Set(record.packets.map(({ name }) => name));
      const packets = await examinePackets(
        { ...examining(index, signal), reads: () => true },
        names,
      );
      await records.write({ ...record, packets });
      return packets;
    },
    found: async () => (await records.read()).packets,
  };
}

/** So many files whose time was changed are remembered; of more the first ones are forgotten. */
const MOST_TOUCHED = 10_000;

function createTouched(): Touched {
  const stamps = new Map<string, string>();
  const stampOf = ({ inode, size, modifiedMs }: FileInfo): string =>
    `${inode} ${size} ${modifiedMs}`;
  return {
    has: (path, info) => stamps.get(path) === stampOf(info),
    add(path, info) {
      stamps.delete(path);
      stamps.set(path, stampOf(info));
      if (stamps.size > MOST_TOUCHED) stamps.delete(stamps.keys().next().value ?? '');
    },
  };
}
