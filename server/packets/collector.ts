import type { Clock } from '../../proto/clock.ts';
import type { Log } from '../../proto/log.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { ContentGate } from './content-gate.ts';

export interface CollectorOptions {
  blobs: BlobStore;
  clock: Clock;
  log: Log;
  gate: ContentGate;
  isPacket: (id: string) => boolean;
  keepInstalled: () => ReadonlySet<string>;
}

export interface Collector {
  /** Removes all content that nothing refers to; returns how many. What is met while an upload runs waits for the next. */
  collect(): Promise<number>;
  /** Removes one content if nothing refers to it and no upload runs, but for `own` (0 or 1) of the caller's. */
  removeIfUnused(id: string, own: number): Promise<void>;
  /** Collects at once, since a process that was killed may have left content behind, and then every hour. */
  start(): void;
  stop(): Promise<void>;
}

const COLLECT_MS = 3_600_000;

/** Removes content that is neither a packet's nor reported as installed by a device. */
export function createCollector(options: CollectorOptions): Collector {
  const { blobs, clock, log, gate } = options;
  let cancel: () => void = () => undefined;
  let running: Promise<unknown> = Promise.resolve();

  const isUsed = (id: string): boolean => options.isPacket(id) || options.keepInstalled().has(id);

  async function remove(id: string, own: number): Promise<boolean> {
    let removed = false;
    await gate.remove(async () => {
      if (isUsed(id)) return;
      await blobs.delete(id);
      removed = true;
    }, own);
    return removed;
  }

  async function collect(): Promise<number> {
    let removed = 0;
    const installed = options.keepInstalled();
    for await (const { id } of blobs.list()) {
      const used = options.isPacket(id) || installed.has(id);
      if (!used && (await remove(id, 0))) removed += 1;
    }
    if (removed > 0) log.info({ removed }, 'Removed content that nothing refers to.');
    return removed;
  }

  function collectRegularly(): void {
    running = collect()
      .catch((error) => log.warn({ err: error }, 'Unused content could not be removed.'))
      .finally(() => {
        cancel = clock.after(COLLECT_MS, collectRegularly);
      });
  }

  return {
    collect,
    async removeIfUnused(id, own) {
      await remove(id, own).catch((error) =>
        log.warn({ err: error, id }, 'Unused content stays for now.'),
      );
    },
    start: collectRegularly,
    async stop() {
      cancel();
      await running;
      cancel();
    },
  };
}
