import type { Clock, Random } from '../../proto/clock.ts';
import { JamesError } from '../../proto/errors.ts';
import type { Log } from '../../proto/log.ts';
import type { Events } from '../events/events.ts';
import type {
  Catalogue,
  Reporter,
  SecretOf,
  SourceDocument,
  SourceDocuments,
  SourceOutcome,
} from './catalogue.ts';
import { untilNext } from './core/refresh-times.ts';
import type { Kinds } from './kinds.ts';
import type { SourceReader } from './reading/read-job.ts';
import { createRefreshQueue, type RefreshWish } from './refresh-queue.ts';
import { loadIndexes, type RefreshParts, refreshSource } from './refresh-run.ts';
import { createEntry, type SourceEntry, statusOf } from './source-entry.ts';
import type { SourceStorage } from './storage.ts';
import { createUniverseShelf } from './universe-shelf.ts';

export interface CatalogueParts {
  documents: SourceDocuments;
  secretOf: SecretOf;
  kinds: Kinds;
  /** The architectures to fetch of a source, in the repository's words. */
  archsOf(source: SourceDocument): readonly string[];
  reader: SourceReader;
  storage: SourceStorage;
  clock: Clock;
  random: Random;
  log: Log;
  events: Pick<Events, 'add'>;
  /** Milliseconds between refreshes. */
  refreshMs: number;
  /** False: no index of any source is fetched. */
  metadata?: boolean;
}

/** How many sources are read at the same time. */
const MOST_AT_ONCE = 4;

const TIMER: RefreshWish = { reread: false, missingOnly: false, allowOlder: false };
const MISSING: RefreshWish = { ...TIMER, missingOnly: true };

export function createCatalogue(parts: CatalogueParts): Catalogue {
  const { documents, storage, clock, random, log, events, metadata = true } = parts;
  const entries = new Map<string, SourceEntry>();
  const changeListeners = new Set<(ids: readonly string[]) => void>();
  const statusListeners = new Set<(id: string, line: string | null) => void>();
  const counts = { updated: 0, unchanged: 0, failed: 0, skipped: 0 };
  const stopping = new AbortController();
  const shelf = createUniverseShelf(storage.snapshots);
  const refreshParts: RefreshParts = {
    ...parts,
    ...{ manifests: storage.manifests, shelf, signal: stopping.signal },
  };
  const queue = createRefreshQueue(run, MOST_AT_ONCE, collect);
  let unfollow = (): void => {};

  const isRead = (document: SourceDocument): boolean => metadata && document.metadata !== false;
  const tell = (id: string, line: string | null = null): void => {
    for (const listener of statusListeners) listener(id, line);
  };
  const tellChanged = (id: string): void => {
    for (const listener of changeListeners) listener([id]);
  };

  function entryOf(id: string): SourceEntry {
    const entry = entries.get(id) ?? createEntry(id);
    entries.set(id, entry);
    return entry;
  }

  async function run(id: string, wish: RefreshWish, reporter: Reporter): Promise<SourceOutcome> {
    const document = documents.get(id);
    const skipped: SourceOutcome = { source: id, result: 'skipped', error: null, packages: 0 };
    if (stopping.signal.aborted) return skipped;
    if (!document || !isRead(document)) {
      await drop(id, document === undefined);
      return skipped;
    }
    if ((entries.get(id)?.manifest?.type ?? document.type) !== document.type) await drop(id, false);
    const entry = entryOf(id);
    const before = entry.error;
    entry.refreshing = true;
    entry.cancelTimer();
    tell(id);
    const outcome = await refreshSource(refreshParts, entry, document, wish, (progress) => {
      reporter(progress);
      tell(id, progress.line);
    });
    entry.refreshing = false;
    if (stopping.signal.aborted) return outcome;
    if (outcome.result !== 'skipped') entry.lastTriedAt = clock.now();
    schedule(entry);
    record(outcome, before);
    reporter({ source: id, line: lineOf(outcome) });
    tell(id);
    if (outcome.result === 'updated') tellChanged(id);
    return outcome;
  }

  /** Counts, and says for people what is new: an update, a failure, or the end of one. */
  function record(outcome: SourceOutcome, before: SourceEntry['error']): void {
    const { source, result, error, packages } = outcome;
    counts[result] += 1;
    if (error) {
      log.warn({ source, code: error.code }, `Source ${source} was not refreshed: ${error.detail}`);
      if (before?.detail === error.detail) return;
      const detail = `${error.code}: ${error.detail}`;
      events.add({ kind: 'source-failed', actor: 'server', subject: source, detail });
    } else if (result === 'updated' || before) {
      log.info({ source, packages }, `Source ${source} was refreshed.`);
      const detail = `${packages} packages`;
      events.add({ kind: 'source-refreshed', actor: 'server', subject: source, detail });
    }
  }

  function schedule(entry: SourceEntry): void {
    entry.cancelTimer();
    const wait = untilNext(parts.refreshMs, entry.failures, random());
    entry.nextAt = clock.now() + wait;
    entry.cancelTimer = clock.after(wait, () => void queue.add(entry.id, TIMER));
  }

  /** Takes a source out of use. `isGone`: also its entry. */
  async function drop(id: string, isGone: boolean): Promise<void> {
    const entry = entries.get(id);
    if (!entry) return;
    entry.cancelTimer();
    const hadIndexes = entry.indexes.length > 0;
    entries.delete(id);
    if (!isGone) entryOf(id);
    await storage.manifests.remove(id);
    tell(id);
    if (hadIndexes) tellChanged(id);
  }

  /** Frees memory and disk of what no source uses. Runs while nothing is read. */
  async function collect(): Promise<void> {
    const manifests = [...entries.values()].flatMap(({ manifest }) => (manifest ? [manifest] : []));
    const digests = new Set(
      manifests.flatMap(({ indexes }) => indexes.map(({ digest }) => digest)),
    );
    const files = manifests.flatMap((one) => Object.values(one.files).map(({ sha256 }) => sha256));
    shelf.keepOnly(digests);
    try {
      await storage.snapshots.keepOnly(digests);
      await storage.cache.keepOnly(new Set(files));
    } catch (cause) {
      log.warn({ err: cause }, 'Unused files of sources were not removed.');
    }
  }

  /** The last good state from disk. What is damaged is as if it had never been. */
  async function load(): Promise<void> {
    for (const manifest of await storage.manifests.all()) {
      const document = documents.get(manifest.source);
      if (!document || !isRead(document) || document.type !== manifest.type) {
        await storage.manifests.remove(manifest.source);
        continue;
      }
      const entry = entryOf(manifest.source);
      entry.paths = new Set(manifest.paths);
      try {
        entry.indexes = await loadIndexes(shelf, manifest);
        entry.manifest = manifest;
      } catch (cause) {
        log.warn(
          { source: entry.id, err: cause },
          'An index is damaged on disk and is fetched again.',
        );
      }
    }
  }

  /** What is loaded and fits waits for its time; everything else is fetched. */
  function begin(id: string): void {
    const entry = entryOf(id);
    const age = clock.now() - (entry.manifest?.confirmedAt ?? 0);
    void queue.add(id, age >= 0 && age < parts.refreshMs ? MISSING : TIMER);
  }

  function refresh(
    ids: readonly string[],
    wish: RefreshWish,
    reporter?: Reporter,
  ): Promise<SourceOutcome[]> {
    const unknown = ids.find((id) => !documents.get(id));
    if (unknown !== undefined)
      return Promise.reject(new JamesError('not-found', `There is no source ${unknown}.`));
    return Promise.all(ids.map((id) => queue.add(id, wish, reporter)));
  }

  const allIds = (): string[] => [...documents.all()].map(({ id }) => id).sort();

  return {
    async start() {
      await load();
      await collect();
      unfollow = documents.onChange((ids) => {
        for (const id of ids) void queue.add(id, MISSING);
      });
      for (const id of allIds()) begin(id);
    },
    async stop() {
      unfollow();
      stopping.abort(new Error('the server stops'));
      for (const entry of entries.values()) entry.cancelTimer();
      await parts.reader.stop();
      await queue.settled();
    },
    indexesOf: (id) => entries.get(id)?.indexes ?? [],
    status(id) {
      const document = documents.get(id);
      return document ? statusOf(entryOf(id), document, metadata) : null;
    },
    onChange(listener) {
      changeListeners.add(listener);
      return () => changeListeners.delete(listener);
    },
    onStatus(listener) {
      statusListeners.add(listener);
      return () => statusListeners.delete(listener);
    },
    refresh: (ids, reporter, { allowOlder = false } = {}) =>
      refresh(ids ?? allIds(), { reread: true, missingOnly: false, allowOlder }, reporter),
    reload: (reporter) => refresh(allIds(), MISSING, reporter),
    fetchMissing: (ids) => refresh(ids, MISSING),
    async needPaths(ids, paths) {
      const asked = ids.filter((id) => {
        const known = entryOf(id).paths;
        const before = known.size;
        for (const path of paths) known.add(path);
        return known.size > before;
      });
      const outcomes = await Promise.all(asked.map((id) => queue.add(id, TIMER)));
      return outcomes.some(({ result }) => result === 'updated');
    },
    counts: () => ({ ...counts }),
    settled: queue.settled,
  };
}

function lineOf({ source, result, error, packages }: SourceOutcome): string {
  if (error) return `${source}: failed (${error.code}): ${error.detail}`;
  return `${source}: ${result}, ${packages} packages`;
}
