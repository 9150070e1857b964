import { join } from 'node:path';
import { inspect } from 'node:util';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../proto/clock.ts';
import type { Log } from '../../proto/log.ts';
import type { Credentials } from '../../proto/secret.ts';
import type { Source } from '../../proto/source.ts';
import type { NewEvent } from '../../server/events/events.ts';
import type { Catalogue, SourceDocument, SourceProgress } from '../../server/sources/catalogue.ts';
import { defaultLimits, type FetchLimits } from '../../server/sources/fetching/limits.ts';
import { kindsByType, sourceKinds } from '../../server/sources/kinds.ts';
import type { SourceReader } from '../../server/sources/reading/read-job.ts';
import { createReaderHere } from '../../server/sources/reading/reader-here.ts';
import { createWorkerReader } from '../../server/sources/reading/worker-reader.ts';
import { createCatalogue } from '../../server/sources/source-catalogue.ts';
import type { SourceKind } from '../../server/sources/source-kind.ts';
import { createStorage } from '../../server/sources/storage.ts';
import { createSystemClock } from '../../server/system/clock.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { seededRandom } from './seeded-random.ts';
import { temporaryDirectory } from './temporary-directory.ts';

export interface SourceWorldOptions {
  /** Below it is what the catalogue keeps; an empty one if not given. */
  directory?: string;
  /** Where sources are read: in this thread if not given. */
  reader?: 'here' | 'worker';
  /** Of the worker. */
  heapMb?: number;
  kinds?: readonly SourceKind[];
  /** Addresses of modules with further kinds, for the worker. */
  kindModules?: readonly string[];
  limits?: Partial<FetchLimits>;
  sources?: readonly Source[];
  secrets?: Readonly<Record<string, Credentials>>;
}

/** A catalogue over documents in memory, on a clock that stands still but for the fetching. */
export interface SourceWorld {
  catalogue: Catalogue;
  directory: string;
  clock: FakeClock;
  events: NewEvent[];
  /** Whatever was logged, errors with all that is in them. */
  logged: string[];
  /** Ids of sources whose universes were swapped in. */
  changes: string[];
  set(source: Source): void;
  delete(id: string): void;
  /** Refreshes one source; gives its outcome and the lines on the way. */
  refresh(id: string): Promise<{ result: string; code: string | null; lines: string[] }>;
  /** `name version arch` of what a source offers, sorted. */
  packages(id: string): string[];
  /** Stops the catalogue and starts another one on the same directory. */
  restart(options?: Omit<SourceWorldOptions, 'directory' | 'sources'>): Promise<SourceWorld>;
}

/** Starts a catalogue; it is stopped after the running test. */
export async function createSourceWorld(options: SourceWorldOptions = {}): Promise<SourceWorld> {
  const directory = options.directory ?? temporaryDirectory();
  const documents = createDocuments(options.sources ?? []);
  const clock = createFakeClock(Date.now());
  const events: NewEvent[] = [];
  const logged: string[] = [];
  const log = recordingLog(logged);
  const storage = createStorage(join(directory, 'sources'));
  const kinds = kindsByType(options.kinds ?? sourceKinds);
  const catalogue = createCatalogue({
    ...{ documents, storage, kinds, clock, log, random: seededRandom(1) },
    secretOf: (name) => options.secrets?.[name],
    archsOf: (source) => source.archs ?? ['amd64'],
    reader: makeReader(options, join(directory, 'sources'), kinds, log),
    events: { add: (event) => void events.push(event) },
    refreshMs: 6 * 3600 * 1000,
  });
  const changes: string[] = [];
  catalogue.onChange((ids) => void changes.push(...ids));
  await catalogue.start();
  let isRunning = true;
  const stop = async (): Promise<void> => {
    if (isRunning) await catalogue.stop();
    isRunning = false;
  };
  onTestFinished(stop);
  return {
    ...{ catalogue, directory, clock, events, logged, changes },
    set: documents.set,
    delete: documents.delete,
    async refresh(id) {
      const lines: string[] = [];
      const reporter = ({ line }: SourceProgress): void => void lines.push(line);
      const [outcome] = await catalogue.refresh([id], reporter);
      return { result: outcome?.result ?? '', code: outcome?.error?.code ?? null, lines };
    },
    packages: (id) => packagesOf(catalogue, id),
    async restart(more = {}) {
      await stop();
      return createSourceWorld({ ...options, ...more, directory, sources: documents.list() });
    },
  };
}

function packagesOf(catalogue: Catalogue, id: string): string[] {
  return catalogue
    .indexesOf(id)
    .flatMap(({ universe }) =>
      Array.from(
        { length: universe.count },
        (_, index) => `${universe.name(index)} ${universe.version(index)} ${universe.arch(index)}`,
      ),
    )
    .sort();
}

function makeReader(
  { reader = 'here', limits: some, heapMb = 512, kindModules = [] }: SourceWorldOptions,
  directory: string,
  kinds: ReturnType<typeof kindsByType>,
  log: Log,
): SourceReader {
  const clock: Clock = createSystemClock();
  const limits = { ...defaultLimits, retryMs: 1, ...some };
  if (reader === 'worker')
    return createWorkerReader({ directory, limits, clock, log, kindModules, heapMb });
  const { cache, snapshots } = createStorage(directory);
  return createReaderHere({ kinds, clock, random: seededRandom(2), limits, cache, snapshots });
}

function recordingLog(logged: string[]): Log {
  const write = (fields: object, message: string): void =>
    void logged.push(inspect({ ...fields, message }, { depth: 8, breakLength: Infinity }));
  return { debug: write, info: write, warn: write, error: write };
}

function createDocuments(sources: readonly Source[]) {
  const current = new Map<string, SourceDocument>();
  const listeners = new Set<(ids: readonly string[]) => void>();
  for (const source of sources) current.set(source.id, { ...source, revision: 1 });
  const tell = (id: string): void => {
    for (const listener of listeners) listener([id]);
  };
  return {
    all: () => current.values(),
    get: (id: string) => current.get(id),
    list: () => [...current.values()].map(({ revision: _revision, ...source }) => source),
    onChange(listener: (ids: readonly string[]) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    set(source: Source) {
      current.set(source.id, { ...source, revision: (current.get(source.id)?.revision ?? 0) + 1 });
      tell(source.id);
    },
    delete(id: string) {
      current.delete(id);
      tell(id);
    },
  };
}
