import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ReadFile } from '../../proto/bcfg2/include.ts';

/** Files of Bcfg2 as its documentation shows them, with other hosts. */
export const bcfg2Fixtures = resolve(import.meta.dirname, '../fixtures/bcfg2');

/** Reads files of a folder. */
export function reading(folder: string): ReadFile {
  return (path) => {
    try {
      return readFileSync(join(folder, path), 'utf8');
    } catch {
      return undefined;
    }
  };
}

/** A folder that is not on disk. */
export function folderOf(files: Readonly<Record<string, string>>): ReadFile {
  return (path) => (Object.hasOwn(files, path) ? files[path] : undefined);
}
