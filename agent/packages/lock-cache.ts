import { digestOf } from '../../proto/digest.ts';
import { JamesError } from '../../proto/errors.ts';
import type { Lock } from '../../proto/lock.ts';
import { ensureDirectory, jsonBytes, readJsonFile, replaceFile } from '../state-file.ts';
import type { Files } from '../system/files.ts';

/** Locks in the state directory, each under its digest. */
export interface LockCache {
  /** Null if it is not there, or damaged. */
  find(digest: string): Promise<Lock | null>;
  /** Throws `io-error` if it is not there. */
  read(digest: string): Promise<Lock>;
  /** Keeps it durably; gives its digest. */
  keep(lock: Lock): Promise<string>;
  /** Drops all but these. */
  retain(digests: readonly (string | null)[]): Promise<void>;
}

export function createLockCache(files: Files, state: string): LockCache {
  const directory = `${state}/packages/locks`;
  const pathOf = (digest: string): string => `${directory}/${digest.replace('sha256:', '')}.json`;

  const find = async (digest: string): Promise<Lock | null> => {
    const value = (await readJsonFile(files, pathOf(digest))) as Lock | undefined;
    return value !== undefined && digestOf(value) === digest ? value : null;
  };

  return {
    find,
    async read(digest) {
      const lock = await find(digest);
      if (lock !== null) return lock;
      throw new JamesError('io-error', `The lock ${digest} is missing in ${directory}.`);
    },
    async keep(lock) {
      const digest = digestOf(lock);
      if (await find(digest)) return digest;
      await ensureDirectory(files, directory, 0o700);
      await replaceFile(files, pathOf(digest), jsonBytes(lock));
      return digest;
    },
    async retain(digests) {
      if (!(await files.lstat(directory))) return;
      const keep = digests.map((digest) => digest && pathOf(digest));
      for (const name of await files.readDirectory(directory)) {
        const path = `${directory}/${name}`;
        if (!keep.includes(path)) await files.unlink(path);
      }
    },
  };
}
