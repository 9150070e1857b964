import type { SpecLockEntry } from '../../proto/package-views.ts';
import { createMutex } from '../documents/mutex.ts';
import { keys, lastPart, prefixes } from '../store/keys.ts';
import { type Operation, prefixRange, type Store } from '../store/store.ts';
import { type Choice, countRows, type SpecLock } from './core/lock-table.ts';

/** All locks of specs, as they stand in the store, with what their rows chose. */
export interface LockHistory {
  latest(spec: string): Promise<SpecLock | undefined>;
  /** The newest lock that was made for what the spec says. */
  latestFor(spec: string, document: string): Promise<SpecLock | undefined>;
  /** Newest first, below `before` (exclusive). */
  entries(spec: string, page: { before?: number; limit: number }): Promise<SpecLockEntry[]>;
  lock(spec: string, revision: number): Promise<SpecLock | undefined>;
  choices(digests: Iterable<string>): Promise<Map<string, Choice>>;
  write(locks: readonly SpecLock[], choices: ReadonlyMap<string, Choice>): Promise<void>;
  /** Writes a lock behind all that are written or being written; `make` gets its number. */
  append(
    spec: string,
    choices: ReadonlyMap<string, Choice>,
    make: (revision: number) => SpecLock,
  ): Promise<SpecLock>;
  /**
   * Removes old locks of a spec beyond the newest hundred and the last of each revision, and choices of none. Not to be
   * called between writing choices and the lock that has them.
   */
  prune(): Promise<void>;
}

const KEPT_LOCKS = 100;
const BATCH = 500;

export function createLockHistory(store: Store): LockHistory {
  const exclusive = createMutex();
  const newestFirst = async function* (spec: string, before?: number): AsyncIterable<SpecLock> {
    const lt = before === undefined ? undefined : keys.specLock(spec, before);
    const range = { ...prefixRange(keys.specLocks(spec)), ...(lt && { lt }), reverse: true };
    for await (const { value } of store.range(range)) yield JSON.parse(value) as SpecLock;
  };

  const newest = async (spec: string): Promise<SpecLock | undefined> => {
    for await (const lock of newestFirst(spec)) return lock;
    return undefined;
  };

  return {
    latest: newest,
    async latestFor(spec, document) {
      for await (const lock of newestFirst(spec)) if (lock.document === document) return lock;
      return undefined;
    },
    async entries(spec, { before, limit }) {
      const found: SpecLockEntry[] = [];
      for await (const lock of newestFirst(spec, before)) {
        if (found.length === limit) break;
        found.push(entryOf(lock));
      }
      return found;
    },
    async lock(spec, revision) {
      const entry = await store.get(keys.specLock(spec, revision));
      return entry && (JSON.parse(entry.value) as SpecLock);
    },
    async choices(digests) {
      const wanted = [...new Set(digests)];
      const found = new Map<string, Choice>();
      for (let index = 0; index < wanted.length; index += BATCH) {
        const some = wanted.slice(index, index + BATCH);
        const entries = await store.getMany(some.map((digest) => keys.choice(digest)));
        for (const [place, entry] of entries.entries())
          if (entry) found.set(some[place] as string, JSON.parse(entry.value) as Choice);
      }
      return found;
    },
    async write(locks, choices) {
      if (locks.length + choices.size === 0) return;
      await exclusive(() => store.batch(operationsOf(locks, choices)));
    },
    append: (spec, choices, make) =>
      exclusive(async () => {
        const lock = make(((await newest(spec))?.revision ?? 0) + 1);
        await store.batch(operationsOf([lock], choices));
        return lock;
      }),
    prune: () =>
      exclusive(async () => {
        const { old, referred } = await survey(store);
        const unused: string[] = [];
        for await (const { key } of store.range(prefixRange(prefixes.choice)))
          if (!referred.has(lastPart(key))) unused.push(key);
        await removeAll(store, [...old, ...unused]);
      }),
  };
}

function operationsOf(
  locks: readonly SpecLock[],
  choices: ReadonlyMap<string, Choice>,
): Operation[] {
  const added = [...choices].map(([digest, choice]) => ({
    put: keys.choice(digest),
    value: JSON.stringify(choice),
  }));
  const written = locks.map((lock) => ({
    put: keys.specLock(lock.spec, lock.revision),
    value: JSON.stringify(lock),
  }));
  return [...added, ...written];
}

/** A lock as the history lists it. */
export function entryOf(lock: SpecLock): SpecLockEntry {
  const { spec, revision, specRevision, digest, at, author, cause } = lock;
  return { spec, revision, specRevision, digest, at, author, cause, rows: countRows(lock) };
}

/** The keys of locks that are to go, and the choices of those that stay. */
async function survey(store: Store): Promise<{ old: string[]; referred: Set<string> }> {
  const old: string[] = [];
  const referred = new Set<string>();
  let spec = '';
  let seen = 0;
  let revisions = new Set<number>();
  const range = { ...prefixRange(prefixes.specLock), reverse: true };
  for await (const { key, value } of store.range(range)) {
    const lock = JSON.parse(value) as SpecLock;
    if (lock.spec !== spec) [spec, seen, revisions] = [lock.spec, 0, new Set()];
    seen += 1;
    if (seen > KEPT_LOCKS && revisions.has(lock.specRevision)) {
      old.push(key);
      continue;
    }
    revisions.add(lock.specRevision);
    for (const { rows } of lock.groups) for (const { choice } of rows) referred.add(choice);
  }
  return { old, referred };
}

async function removeAll(store: Store, all: readonly string[]): Promise<void> {
  for (let index = 0; index < all.length; index += BATCH)
    await store.batch(all.slice(index, index + BATCH).map((key) => ({ delete: key })));
}
