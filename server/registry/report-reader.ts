import type { Reported } from '../../proto/reported.ts';
import { keys } from '../store/keys.ts';
import type { Store } from '../store/store.ts';
import { parseStoredReport } from './device-record.ts';
import type { Reports } from './reports.ts';
import type { Roster } from './roster.ts';

const CACHE_BYTES = 8 * 1024 * 1024;

/** Whole reports, as the store has them. */
export interface ReportReader {
  /** A device's last report as bytes, or undefined; through a cache that is bounded in bytes. */
  bytes(device: string): Promise<Uint8Array | undefined>;
  /** The last reports of several devices, in their order; null where there is none. */
  many(devices: readonly string[]): Promise<(Reported | null)[]>;
}

interface Parts {
  store: Store;
  roster: Pick<Roster, 'get' | 'onChange'>;
  reports: Pick<Reports, 'onReport'>;
  cacheBytes?: number;
}

/** Reads reports; the cache forgets a device's as soon as it reports anew or is enrolled anew or removed. */
export function createReportReader(parts: Parts): ReportReader {
  const { store, roster, reports, cacheBytes = CACHE_BYTES } = parts;
  const cache = new Map<string, Uint8Array>();
  let size = 0;
  reports.onReport(forget);
  roster.onChange(({ device }) => forget(device));

  function forget(id: string): void {
    size -= cache.get(id)?.length ?? 0;
    cache.delete(id);
  }

  function remember(id: string, bytes: Uint8Array): void {
    forget(id);
    cache.set(id, bytes);
    size += bytes.length;
    for (const oldest of cache.keys()) {
      if (size <= cacheBytes) break;
      forget(oldest);
    }
  }

  return {
    async bytes(id) {
      const cached = cache.get(id);
      if (cached) {
        remember(id, cached);
        return cached;
      }
      const before = roster.get(id)?.reported;
      const entry = await store.get(keys.reported(id));
      if (!entry) return undefined;
      const bytes = Buffer.from(JSON.stringify(parseStoredReport(entry.value).reported));
      if (roster.get(id)?.reported === before) remember(id, bytes);
      return bytes;
    },
    async many(ids) {
      const entries = await store.getMany(ids.map(keys.reported));
      return entries
        .map((entry) => entry && parseStoredReport(entry.value).reported)
        .map((r) => r ?? null);
    },
  };
}
