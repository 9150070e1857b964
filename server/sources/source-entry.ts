import type { Source } from '../../proto/source.ts';
import type { LoadedIndex, SourceFault, SourceStatus } from './catalogue.ts';
import { shownUrl } from './core/repository-url.ts';
import type { KnownFiles } from './fetching/source-fetch.ts';
import type { Manifest } from './manifests.ts';

/** What the catalogue knows of a source. */
export interface SourceEntry {
  readonly id: string;
  /** The last good state; null before the first. */
  manifest: Manifest | null;
  /** The universes of that state. */
  indexes: readonly LoadedIndex[];
  error: SourceFault | null;
  /** Refreshes that failed since the last good one. */
  failures: number;
  lastTriedAt: number | null;
  nextAt: number | null;
  refreshing: boolean;
  cancelTimer: () => void;
  /** Files that refreshes which failed since the last good one fetched and verified. */
  partial: KnownFiles;
  /** Paths that were asked for. */
  paths: Set<string>;
}

export function createEntry(id: string): SourceEntry {
  return {
    ...{ id, manifest: null, indexes: [], error: null, failures: 0, lastTriedAt: null },
    ...{ nextAt: null, refreshing: false, cancelTimer: () => {}, paths: new Set<string>() },
    partial: {},
  };
}

/** How the source stands. */
export function statusOf(entry: SourceEntry, document: Source, metadata: boolean): SourceStatus {
  const { indexes, manifest, error } = entry;
  const shared = new Map(indexes.map(({ digest, universe }) => [digest, universe.bytes]));
  return {
    id: entry.id,
    state: stateOf(entry, metadata && document.metadata !== false),
    refreshing: entry.refreshing,
    lastGoodAt: manifest?.confirmedAt ?? null,
    lastTriedAt: entry.lastTriedAt ?? manifest?.confirmedAt ?? null,
    nextAt: entry.nextAt,
    error,
    packages: indexes.reduce((sum, { universe }) => sum + universe.count, 0),
    bytes: [...shared.values()].reduce((sum, bytes) => sum + bytes, 0),
    indexes: indexes.map(({ address, universe, facts, fetchedAt, digest }) => ({
      url: shownUrl(address.url),
      component: address.component,
      arch: address.arch,
      packages: universe.count,
      bytes: universe.bytes,
      digest,
      date: facts.date,
      validUntil: facts.validUntil,
      fetchedAt,
    })),
  };
}

function stateOf(entry: SourceEntry, isRead: boolean): SourceStatus['state'] {
  if (!isRead) return 'off';
  if (entry.error) return 'failed';
  return entry.manifest ? 'ready' : 'new';
}
