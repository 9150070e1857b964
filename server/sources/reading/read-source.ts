import type { Clock, Random } from '../../../proto/clock.ts';
import { JamesError } from '../../../proto/errors.ts';
import type { PackageRecord } from '../../resolver/core/universe.ts';
import { createUniverseBuilder } from '../../resolver/core/universe-builder.ts';
import { toSnapshot } from '../../resolver/core/universe-snapshot.ts';
import { withCredentials } from '../core/repository-url.ts';
import type { FileCache } from '../fetching/file-cache.ts';
import type { FetchLimits } from '../fetching/limits.ts';
import { createSourceFetch, type SourceFetch } from '../fetching/source-fetch.ts';
import { createVerifier } from '../fetching/verify.ts';
import { type Kinds, kindOf } from '../kinds.ts';
import type { SnapshotWriter } from '../snapshots.ts';
import type { IndexAddress, SourceKind } from '../source-kind.ts';
import type { ReadHooks, ReadIndex, ReadJob, ReadResult } from './read-job.ts';

export interface ReadingParts {
  kinds: Kinds;
  clock: Clock;
  random: Random;
  limits: FetchLimits;
  cache: FileCache;
  snapshots: SnapshotWriter;
}

/** A source has at most so many indexes (components times architectures). */
const MOST_INDEXES = 1024;

/**
 * Fetches, checks and parses all indexes of a source and writes their snapshots. Rejects with the first fault; what was
 * written until then is nobody's and may be removed.
 */
export async function readSource(
  parts: ReadingParts,
  job: ReadJob,
  hooks: ReadHooks,
): Promise<ReadResult> {
  const kind = kindOf(parts.kinds, job.source.type);
  const addresses = kind.urls(job.source, job.archs);
  requireFew(job, addresses);
  const fetch = fetchFor(parts, job, hooks);
  const hasBefore = job.roots.length > 0;
  if (hasBefore && !job.reread && (await fetch.areUnchanged(job.roots)))
    return { files: job.files, roots: job.roots, indexes: null };
  const indexes: ReadIndex[] = [];
  for (const address of addresses) {
    hooks.signal.throwIfAborted();
    indexes.push(await readIndex(parts, { kind, job, address, fetch }));
  }
  return { files: fetch.used(), roots: fetch.roots(), indexes };
}

function requireFew({ source }: ReadJob, addresses: readonly IndexAddress[]): void {
  if (addresses.length <= MOST_INDEXES) return;
  const sentence = `Source ${source.id} has more than ${MOST_INDEXES} indexes.`;
  throw new JamesError('bad-document', sentence);
}

function fetchFor(parts: ReadingParts, job: ReadJob, hooks: ReadHooks): SourceFetch {
  const { source, files, credentials, proxyCredentials, now } = job;
  const { cache, clock, random, limits } = parts;
  return createSourceFetch({
    ...{ source, credentials, cache, clock, random, limits },
    known: files,
    proxy: source.proxy === undefined ? null : withCredentials(source.proxy, proxyCredentials),
    ca: source.ca ?? null,
    verifier: source.signedBy === undefined ? null : createVerifier(source.signedBy, now),
    signal: hooks.signal,
    onUpdating: hooks.onUpdating,
    onVerified: hooks.onVerified,
  });
}

interface IndexParts {
  kind: SourceKind;
  job: ReadJob;
  address: IndexAddress;
  fetch: SourceFetch;
}

async function readIndex(
  { snapshots }: ReadingParts,
  { kind, job, address, fetch }: IndexParts,
): Promise<ReadIndex> {
  const { source, paths } = job;
  const wanted = new Set(paths);
  const more =
    kind.provides && wanted.size > 0
      ? await kind.provides(source, address, fetch, wanted)
      : new Map<string, readonly string[]>();
  const builder = createUniverseBuilder(kind.family);
  const facts = await kind.read(source, address, fetch, (record) =>
    builder.add(withFiles(record, more)),
  );
  const universe = builder.build();
  const digest = await snapshots.write(toSnapshot(universe));
  return { address, facts, digest, packages: universe.count };
}

/** The package with those of its files that were asked for. */
function withFiles(
  record: PackageRecord,
  more: ReadonlyMap<string, readonly string[]>,
): PackageRecord {
  const files = more.get(`${record.name} ${record.version} ${record.arch}`);
  if (!files) return record;
  return { ...record, files: [...new Set([...(record.files ?? []), ...files])] };
}
