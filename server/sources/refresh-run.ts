import type { Clock } from '../../proto/clock.ts';
import { JamesError } from '../../proto/errors.ts';
import type { Log } from '../../proto/log.ts';
import type { Credentials } from '../../proto/secret.ts';
import type {
  LoadedIndex,
  Reporter,
  SecretOf,
  SourceDocument,
  SourceFault,
  SourceOutcome,
} from './catalogue.ts';
import { refuseExpired, refuseOlder } from './core/check-facts.ts';
import { shownUrl } from './core/repository-url.ts';
import type { KnownFile } from './fetching/download.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { Kinds } from './kinds.ts';
import { kindOf } from './kinds.ts';
import { MANIFEST_SCHEMA, type Manifest, type Manifests } from './manifests.ts';
import type { ReadIndex, ReadResult, SourceReader } from './reading/read-job.ts';
import type { RefreshWish } from './refresh-queue.ts';
import type { SourceEntry } from './source-entry.ts';
import type { UniverseShelf } from './universe-shelf.ts';

export interface RefreshParts {
  reader: SourceReader;
  manifests: Manifests;
  shelf: UniverseShelf;
  clock: Clock;
  log: Log;
  secretOf: SecretOf;
  signal: AbortSignal;
  kinds: Kinds;
  /** The architectures to fetch, in the repository's words. */
  archsOf(source: SourceDocument): readonly string[];
}

/** What people are told of a fault that is this server's own. */
export const FAILED: SourceFault = {
  ...{ code: 'internal', detail: 'The refresh failed; the log of the server says more.' },
};
const STOPPING: SourceFault = { code: 'unavailable', detail: 'The server stops.' };

/**
 * Refreshes one source: reads it, checks dates, makes its new state durable, and only then puts it in use. On any fault
 * the entry keeps what it has. Does not reject.
 */
export async function refreshSource(
  parts: RefreshParts,
  entry: SourceEntry,
  document: SourceDocument,
  wish: RefreshWish,
  reporter: Reporter,
): Promise<SourceOutcome> {
  try {
    const result = await attempt(parts, entry, document, wish, reporter);
    entry.error = null;
    entry.failures = 0;
    return outcomeOf(entry, result, null);
  } catch (cause) {
    if (parts.signal.aborted) return outcomeOf(entry, 'failed', STOPPING);
    entry.error = faultOf(cause, parts.log);
    entry.failures += 1;
    // What is kept for the next time must not be what fills the disk.
    if (entry.error.code === 'no-space') entry.partial = {};
    return outcomeOf(entry, 'failed', entry.error);
  }
}

async function attempt(
  parts: RefreshParts,
  entry: SourceEntry,
  document: SourceDocument,
  wish: RefreshWish,
  reporter: Reporter,
): Promise<SourceOutcome['result']> {
  const archs = parts.archsOf(document);
  // No device needs any of it yet.
  if (kindOf(parts.kinds, document.type).urls(document, archs).length === 0) return 'skipped';
  const fingerprint = fingerprintOf(document, archs);
  const paths = [...entry.paths].sort();
  const isSame = entry.manifest?.fingerprint === fingerprint;
  const fits = isSame && paths.join('\n') === entry.manifest?.paths.join('\n');
  if (wish.missingOnly && fits && entry.error === null) return 'skipped';
  const result = await read(
    parts,
    entry,
    document,
    { archs, paths, reread: wish.reread || !fits },
    reporter,
  );
  const now = parts.clock.now();
  const before = entry.manifest;
  const indexes = result.indexes ?? before?.indexes ?? [];
  for (const index of indexes) checkDates(index, before, wish, now);
  const manifest: Manifest = {
    ...{ schema: MANIFEST_SCHEMA, source: entry.id, type: document.type, fingerprint, paths },
    ...{ confirmedAt: now, roots: [...result.roots], files: { ...result.files } },
    indexes: [...indexes],
  };
  const loaded = await loadIndexes(parts.shelf, manifest);
  await parts.manifests.write(manifest);
  entry.manifest = manifest;
  entry.partial = {};
  const isChanged = !before || digestsOf(before) !== digestsOf(manifest);
  entry.indexes = loaded;
  return isChanged ? 'updated' : 'unchanged';
}

function read(
  parts: RefreshParts,
  entry: SourceEntry,
  document: SourceDocument,
  how: { archs: readonly string[]; paths: readonly string[]; reread: boolean },
  reporter: Reporter,
): Promise<ReadResult> {
  const { reader, clock, signal, log } = parts;
  const { id, manifest } = entry;
  const { revision: _revision, ...source } = document;
  const credentials = secretFor(parts, id, 'auth', document.auth);
  const proxyCredentials = secretFor(parts, id, 'proxyAuth', document.proxyAuth);
  const files = { ...manifest?.files, ...entry.partial };
  const roots = manifest?.roots ?? [];
  const onUpdating = (url: string): void => {
    log.info({ source: id, url }, `Updating ${url}`);
    reporter({ source: id, line: `Updating ${url}` });
  };
  const onVerified = (url: string, file: KnownFile): void => {
    entry.partial = { ...entry.partial, [url]: file };
  };
  return reader.read(
    { source, credentials, proxyCredentials, files, roots, now: clock.now(), ...how },
    { signal, onUpdating, onVerified },
  );
}

/** What a field names; null if it names nothing. Throws `not-found` if there is no such secret. */
function secretFor(
  { secretOf }: RefreshParts,
  id: string,
  field: string,
  name: string | undefined,
): Credentials | null {
  if (name === undefined) return null;
  const found = secretOf(name);
  if (found) return found;
  throw new JamesError(
    'not-found',
    `There is no secret ${name}, which source ${id} names as ${field}.`,
  );
}

function checkDates(
  { address, facts }: ReadIndex,
  before: Manifest | null,
  wish: RefreshWish,
  now: number,
): void {
  const checked = { ...facts, url: shownUrl(address.url) };
  refuseExpired(checked, now);
  if (wish.allowOlder) return;
  const used = before?.indexes.find((one) => one.address.url === address.url);
  refuseOlder(checked, used && { ...used.facts, url: checked.url });
}

/** The indexes of a manifest with their universes. Throws what loading a snapshot throws. */
export async function loadIndexes(
  shelf: UniverseShelf,
  { source, indexes, confirmedAt }: Manifest,
): Promise<LoadedIndex[]> {
  const loaded: LoadedIndex[] = [];
  for (const { address, facts, digest } of indexes) {
    const universe = await shelf.get(digest);
    loaded.push({ source, address, facts, digest, universe, fetchedAt: confirmedAt });
  }
  return loaded;
}

function digestsOf({ indexes }: Manifest): string {
  return indexes
    .map(({ address, digest, facts }) => JSON.stringify([address, digest, facts.notAutomatic]))
    .join();
}

function outcomeOf(
  entry: SourceEntry,
  result: SourceOutcome['result'],
  error: SourceFault | null,
): SourceOutcome {
  const packages = entry.indexes.reduce((sum, { universe }) => sum + universe.count, 0);
  return { source: entry.id, result, error, packages };
}

function faultOf(cause: unknown, log: Log): SourceFault {
  if (cause instanceof JamesError) return { code: cause.code, detail: cause.message };
  log.error({ err: cause }, 'The refresh of a source failed.');
  return FAILED;
}
