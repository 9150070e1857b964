import type { Clock, Random } from '../../proto/clock.ts';
import type { Log } from '../../proto/log.ts';
import { keys } from '../store/keys.ts';
import type { Store } from '../store/store.ts';
import type { Device } from './device.ts';
import type { Roster } from './roster.ts';

const WRITE_EVERY_MS = 15 * 60_000;
const PER_BATCH = 1_000;

/** Keeps when devices were heard of: in memory at once, on disk now and then. */
export interface LastSeen {
  seen(device: Device): void;
  start(): void;
  /** Writes what is not written yet. */
  stop(): Promise<void>;
}

interface Parts {
  store: Store;
  clock: Clock;
  random: Random;
  log: Log;
  roster: Roster;
}

/** Writes in batches about every quarter of an hour. What is lost with the process is at most that old. */
export function createLastSeen({ store, clock, random, log, roster }: Parts): LastSeen {
  let unwritten = new Set<string>();
  let cancel: (() => void) | undefined;

  async function write(): Promise<void> {
    const ids = [...unwritten];
    unwritten = new Set();
    for (let at = 0; at < ids.length; at += PER_BATCH) {
      const devices = ids.slice(at, at + PER_BATCH).flatMap((id) => roster.get(id) ?? []);
      if (devices.length === 0) continue;
      await store.batch(
        devices.map(({ id, seenAt }) => ({ put: keys.seen(id), value: String(seenAt) })),
      );
    }
  }

  function plan(): void {
    cancel = clock.after(WRITE_EVERY_MS * (0.8 + 0.4 * random()), () => {
      write()
        .catch((error: unknown) => log.warn({ err: error }, 'times of last contact not written'))
        .finally(plan);
    });
  }

  return {
    seen(device) {
      device.seenAt = clock.now();
      unwritten.add(device.id);
    },
    start: plan,
    async stop() {
      cancel?.();
      await write().catch((error: unknown) =>
        log.warn({ err: error }, 'times of last contact not written'),
      );
    },
  };
}
