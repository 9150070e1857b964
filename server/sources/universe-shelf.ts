import type { Universe } from '../resolver/core/universe.ts';
import type { Snapshots } from './snapshots.ts';

/** Universes in memory, one for each digest, however many sources have it. */
export interface UniverseShelf {
  /** Loads it if it is not there. */
  get(digest: string): Promise<Universe>;
  /** Forgets all others. */
  keepOnly(digests: ReadonlySet<string>): void;
}

export function createUniverseShelf(snapshots: Pick<Snapshots, 'load'>): UniverseShelf {
  const universes = new Map<string, Promise<Universe>>();
  return {
    get(digest) {
      const known = universes.get(digest);
      if (known !== undefined) return known;
      const loading = snapshots.load(digest);
      universes.set(digest, loading);
      loading.catch(() => universes.delete(digest));
      return loading;
    },
    keepOnly(digests) {
      for (const digest of universes.keys()) if (!digests.has(digest)) universes.delete(digest);
    },
  };
}
