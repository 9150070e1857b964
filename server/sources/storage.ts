import { join } from 'node:path';
import { createFileCache, type FileCache } from './fetching/file-cache.ts';
import { createManifests, type Manifests } from './manifests.ts';
import { createSnapshots, type Snapshots } from './snapshots.ts';

/** What sources have on disk. */
export interface SourceStorage {
  /** Files as they were downloaded. */
  cache: FileCache;
  /** Universes. */
  snapshots: Snapshots;
  /** For each source, which of these are its last good state. */
  manifests: Manifests;
}

export function createStorage(directory: string): SourceStorage {
  return {
    cache: createFileCache(join(directory, 'files')),
    snapshots: createSnapshots(join(directory, 'universes')),
    manifests: createManifests(join(directory, 'manifests')),
  };
}
