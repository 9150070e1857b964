import { createHash } from 'node:crypto';
import { mkdir, rename, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const CACHE = resolve(import.meta.dirname, '../../node_modules/.cache/jamesd-test-packages');
/** Grows when what is made of the same definition changes. */
const FORM = 2;

/**
 * The place of a built package in the cache that all test processes share: named by what it was made of, so it is built
 * once.
 */
export function cachedPackage(definition: unknown, ending: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([FORM, definition]))
    .digest('hex');
  return join(CACHE, `${digest}${ending}`);
}

export async function isCached(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Moves a finished file to its place in the cache; a builder that was quicker does not matter. */
export async function keepInCache(built: string, path: string): Promise<void> {
  await rename(built, path);
}

/** An empty directory for one build beside the cache, on the same file system. */
export async function buildDirectory(name: string): Promise<string> {
  const directory = join(CACHE, `building-${process.pid}-${name}`);
  await mkdir(directory, { recursive: true });
  return directory;
}
