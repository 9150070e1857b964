import type { ReportedPacket } from '../../proto/reported.ts';
import type { InstalledPacket } from '../core/installed-index.ts';
import type { Drift } from '../drift/drift.ts';
import { type Found, type PacketDrift, sayDrift } from '../drift/packet-drift.ts';
import type { InstalledState, LookWish } from '../transaction.ts';
import type { Device } from './device.ts';
import { readInstalled } from './go-back.ts';
import { quiet } from './tell.ts';

/** Looks at what is installed, packets and packages together. No transaction may run meanwhile. */
export interface Looks {
  /** As `Transactions.look`. */
  look(wish?: LookWish): Promise<boolean>;
  /** At everything, and every file. Packets that cannot be looked at now are an error. */
  check(): Promise<Found>;
  /** At what was wrong before a change and may be right now. */
  afterChange(): Promise<void>;
  /** What is installed, with its status as the last look found it. */
  installed(): Promise<InstalledState>;
}

export function createLooks(device: Device, drift: Drift): Looks {
  const { packages, state, log } = device;
  const { signal: never } = new AbortController();

  /** A package manager that cannot be asked now is no failure: what was found before stays. */
  const lookAtPackages = async (): Promise<boolean> => {
    const again = await packages?.look().catch((error: unknown) => {
      log.warn({ err: error }, 'Packages could not be looked at again.');
    });
    return again === true;
  };

  return {
    async look({ check = null, signal = never } = {}) {
      try {
        const index = await readInstalled(device, quiet);
        await drift.look(index, { thorough: false, check, signal });
      } catch (error) {
        signal.throwIfAborted();
        log.warn({ err: error }, 'Packets could not be looked at again.');
      }
      return await lookAtPackages();
    },
    async check() {
      const index = await readInstalled(device, quiet);
      const how = { thorough: true, check: null, signal: never };
      const changed = await drift.look(index, how);
      await lookAtPackages();
      return { packets: changed, packages: (await packages?.reported())?.wrong ?? [] };
    },
    async afterChange() {
      try {
        await drift.again(await state.readIndex(), never);
      } catch (error) {
        log.warn({ err: error }, 'Packets could not be looked at after the change.');
      }
    },
    async installed() {
      const { packets, point } = await state.readIndex();
      const changed = await drift.found();
      const reported = (await packages?.reported()) ?? null;
      return { packets: packets.map((one) => packetOf(one, changed)), point, packages: reported };
    },
  };
}

/** What was installed by hand keeps that word, whatever is wrong with it. */
function packetOf(
  { name, id, origin }: InstalledPacket,
  changed: readonly PacketDrift[],
): ReportedPacket {
  const drift = changed.find((one) => one.name === name && one.id === id);
  const status = origin === 'manual' ? 'manual' : (drift?.status ?? 'installed');
  return { name, id, status, error: drift ? sayDrift(drift) : null };
}
