import type { Log } from '../../proto/log.ts';
import type { SourceDocument } from './catalogue.ts';
import type { Manifest } from './manifests.ts';
import { loadIndexes } from './refresh-run.ts';
import { createEntry, type SourceEntry } from './source-entry.ts';
import type { SourceStorage } from './storage.ts';
import type { UniverseShelf } from './universe-shelf.ts';

export interface SourceEntriesParts {
  storage: SourceStorage;
  shelf: UniverseShelf;
  log: Log;
}

/** The entries of all sources, and what they have on disk. */
export interface SourceEntries {
  /** Made if it is not there. */
  of(id: string): SourceEntry;
  find(id: string): SourceEntry | undefined;
  all(): Iterable<SourceEntry>;
  /** The last good states from disk, of documents that still want them. What is damaged is as if it had never been. */
  load(documentOf: (id: string) => SourceDocument | undefined): Promise<void>;
  /** Takes a source out of use, on disk too. True if it had packages. */
  drop(id: string): Promise<boolean>;
  /** Frees memory and disk of what no source uses. Nothing may be read meanwhile. */
  collect(): Promise<void>;
}

export function createSourceEntries({ storage, shelf, log }: SourceEntriesParts): SourceEntries {
  const entries = new Map<string, SourceEntry>();

  function of(id: string): SourceEntry {
    const entry = entries.get(id) ?? createEntry(id);
    entries.set(id, entry);
    return entry;
  }

  async function loadOne(manifest: Manifest): Promise<void> {
    const entry = of(manifest.source);
    entry.paths = new Set(manifest.paths);
    try {
      entry.indexes = await loadIndexes(shelf, manifest);
      entry.manifest = manifest;
    } catch (cause) {
      const fields = { source: entry.id, err: cause };
      log.warn(fields, 'An index is damaged on disk and is fetched again.');
    }
  }

  return {
    of,
    find: (id) => entries.get(id),
    all: () => entries.values(),
    async load(documentOf) {
      for (const manifest of await storage.manifests.all())
        if (documentOf(manifest.source)?.type === manifest.type) await loadOne(manifest);
    },
    async drop(id) {
      const entry = entries.get(id);
      entry?.cancelTimer();
      entries.delete(id);
      if (entry) await storage.manifests.remove(id);
      return (entry?.indexes.length ?? 0) > 0;
    },
    async collect() {
      const manifests = [...entries.values()].flatMap(({ manifest }) => manifest ?? []);
      const digests = new Set(manifests.flatMap((one) => one.indexes.map(({ digest }) => digest)));
      const partial = [...entries.values()].map((entry) => entry.partial);
      const files = [...manifests.map((one) => one.files), ...partial].flatMap((one) =>
        Object.values(one).map(({ sha256 }) => sha256),
      );
      shelf.keepOnly(digests);
      try {
        await storage.manifests.keepOnly(new Set(manifests.map(({ source }) => source)));
        await storage.snapshots.keepOnly(digests);
        await storage.cache.keepOnly(new Set(files));
      } catch (cause) {
        log.warn({ err: cause }, 'Unused files of sources were not removed.');
      }
    },
  };
}
