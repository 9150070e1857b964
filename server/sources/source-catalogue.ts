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
import { createRefreshRecord, outcomeLine } from './refresh-record.ts';
import { FAILED, type RefreshParts, refreshSource } from './refresh-run.ts';
import { createSourceEntries } from './source-entries.ts';
import { type SourceEntry, statusOf } from './source-entry.ts';
import { createSourceListeners } from './source-listeners.ts';
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
  const { documents, storage, clock, random, log, metadata = true } = parts;
  const stopping = new AbortController();
  const shelf = createUniverseShelf(storage.snapshots);
  const entries = createSourceEntries({ storage, shelf, log });
  const listeners = createSourceListeners(log);
  const record = createRefreshRecord(parts);
  const refreshParts: RefreshParts = {
    ...parts,
    ...{ manifests: storage.manifests, shelf, signal: stopping.signal },
  };
  const queue = createRefreshQueue(runSafely, MOST_AT_ONCE, entries.collect);
  let unfollow = (): void => {};

  /** The document of a source whose indexes are read. */
  function readable(id: string): SourceDocument | undefined {
    const document = documents.get(id);
    return document && metadata && document.metadata !== false ? document : undefined;
  }

  /** A refresh that ends in any case: whoever waits for it need not expect a rejection. */
  function runSafely(id: string, wish: RefreshWish, reporter: Reporter): Promise<SourceOutcome> {
    return run(id, wish, reporter).catch((cause: unknown) => {
      log.error({ err: cause, source: id }, 'The refresh of a source failed.');
      return { ...skipped(id), result: 'failed', error: FAILED };
    });
  }

  async function run(id: string, wish: RefreshWish, reporter: Reporter): Promise<SourceOutcome> {
    if (stopping.signal.aborted) return skipped(id);
    const document = readable(id);
    const type = entries.find(id)?.manifest?.type ?? document?.type;
    if (!document || type !== document.type) await drop(id);
    if (!document) return skipped(id);
    const entry = entries.of(id);
    const { error: before } = entry;
    entry.refreshing = true;
    entry.cancelTimer();
    listeners.status(id);
    const outcome = await refreshSource(refreshParts, entry, document, wish, (progress) => {
      reporter(progress);
      listeners.status(id, progress.line);
    });
    entry.refreshing = false;
    if (!stopping.signal.aborted) {
      if (outcome.result !== 'skipped') entry.lastTriedAt = clock.now();
      schedule(entry);
      record.add(outcome, before);
      reporter({ source: id, line: outcomeLine(outcome) });
      listeners.status(id);
      if (outcome.result === 'updated') listeners.changed(id);
    }
    return outcome;
  }

  function schedule(entry: SourceEntry): void {
    entry.cancelTimer();
    const wait = untilNext(parts.refreshMs, entry.failures, random());
    entry.nextAt = clock.now() + wait;
    entry.cancelTimer = clock.after(wait, () => void queue.add(entry.id, TIMER));
  }

  async function drop(id: string): Promise<void> {
    const hadPackages = await entries.drop(id);
    listeners.status(id);
    if (hadPackages) listeners.changed(id);
  }

  /** What is loaded and fits waits for its time; everything else is fetched. */
  function begin(id: string): void {
    const age = clock.now() - (entries.of(id).manifest?.confirmedAt ?? 0);
    void queue.add(id, age >= 0 && age < parts.refreshMs ? MISSING : TIMER);
  }

  async function refresh(
    ids: readonly string[],
    wish: RefreshWish,
    reporter?: Reporter,
  ): Promise<SourceOutcome[]> {
    const unknown = ids.find((id) => !documents.get(id));
    if (unknown !== undefined) throw new JamesError('not-found', `There is no source ${unknown}.`);
    return Promise.all(ids.map((id) => queue.add(id, wish, reporter)));
  }

  const allIds = (): string[] => [...documents.all()].map(({ id }) => id).sort();

  return {
    async start() {
      await entries.load(readable);
      await entries.collect();
      unfollow = documents.onChange((ids) => {
        for (const id of ids) void queue.add(id, MISSING);
      });
      for (const id of allIds()) begin(id);
    },
    async stop() {
      unfollow();
      stopping.abort(new Error('the server stops'));
      for (const entry of entries.all()) entry.cancelTimer();
      await parts.reader.stop();
      await queue.settled();
    },
    indexesOf: (id) => entries.find(id)?.indexes ?? [],
    status(id) {
      const document = documents.get(id);
      return document ? statusOf(entries.of(id), document, metadata) : null;
    },
    onChange: listeners.onChange,
    onStatus: listeners.onStatus,
    refresh: (ids, reporter, { allowOlder = false } = {}) =>
      refresh(ids ?? allIds(), { reread: true, missingOnly: false, allowOlder }, reporter),
    reload: (reporter) => refresh(allIds(), MISSING, reporter),
    fetchMissing: (ids) => refresh(ids, MISSING),
    async needPaths(ids, paths) {
      const asked = ids.filter((id) => wants(entries.of(id), paths));
      const outcomes = await Promise.all(asked.map((id) => queue.add(id, TIMER)));
      return outcomes.some(({ result }) => result === 'updated');
    },
    counts: record.counts,
    settled: queue.settled,
  };
}

const skipped = (source: string): SourceOutcome => ({
  ...{ source, result: 'skipped', error: null, packages: 0 },
});

/** Adds paths to those that are looked up; true if some are new. */
function wants({ paths: known }: SourceEntry, paths: ReadonlySet<string>): boolean {
  const before = known.size;
  for (const path of paths) known.add(path);
  return known.size > before;
}
