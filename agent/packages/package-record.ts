import Type, { type Static } from 'typebox';
import { plainCheck } from '../../proto/check.ts';
import { JamesError } from '../../proto/errors.ts';
import { ReportedPackages } from '../../proto/reported.ts';
import { ensureDirectory, jsonBytes, readJsonFile, replaceFile } from '../state-file.ts';
import type { Files } from '../system/files.ts';

/** What jamesd brought about with the device's package manager, on disk. */
const PackageRecord = Type.Object({
  schema: Type.Literal('jamesd.packages/1'),
  manager: Type.String(),
  /** The digest of the lock that was asked for, null for none, and of the sources. */
  asked: Type.Union([Type.String(), Type.Null()]),
  sources: Type.String(),
  /** The digest of the lock that was brought about: another one, if the server answered for this device alone. */
  lock: Type.String(),
  /** Names of the packages that jamesd installed. */
  managed: Type.Array(Type.String()),
  reported: ReportedPackages,
});
export type PackageRecord = Omit<Static<typeof PackageRecord>, 'reported'> & {
  reported: ReportedPackages;
};

const isRecord = plainCheck(PackageRecord) as (value: unknown) => value is PackageRecord;

export interface PackageRecords {
  /** Null if jamesd never used the package manager, or has nothing on it any more. */
  read(): Promise<PackageRecord | null>;
  write(record: PackageRecord | null): Promise<void>;
}

export function createPackageRecords(files: Files, state: string): PackageRecords {
  const path = `${state}/packages/installed.json`;
  return {
    async read() {
      const value = await readJsonFile(files, path);
      if (value === undefined) return null;
      if (isRecord(value)) return value;
      throw new JamesError(
        'bad-document',
        `${path} cannot be read; it may be of a newer agent, or damaged.`,
      );
    },
    async write(record) {
      if (record !== null) {
        await ensureDirectory(files, `${state}/packages`, 0o700);
        await replaceFile(files, path, jsonBytes(record));
      } else if (await files.lstat(path)) await files.unlink(path);
    },
  };
}
