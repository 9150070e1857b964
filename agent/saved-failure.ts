import { join } from 'node:path';
import Type from 'typebox';
import { plainCheck } from '../proto/check.ts';
import type { Log } from '../proto/log.ts';
import type { Failure } from './core/next-action.ts';
import { jsonBytes, readJsonFile, replaceFile } from './state-file.ts';
import type { Files } from './system/files.ts';

const FailureShape = Type.Object({
  epoch: Type.String(),
  revision: Type.Integer(),
  attempts: Type.Integer(),
  retryAt: Type.Union([Type.Number(), Type.Null()]),
  undone: Type.Boolean(),
  code: Type.String(),
  reason: Type.String(),
});

const isFailure = plainCheck(FailureShape) as (value: unknown) => value is Failure;

/** The desired state that could not be brought about, on disk: a restart does not try it again before its time. */
export interface SavedFailure {
  load(): Promise<Failure | null>;
  /** Keeps it, or forgets what was kept. A disk that cannot be written is no failure. */
  keep(failure: Failure | null): Promise<void>;
}

export function createSavedFailure(deps: { files: Files; state: string; log: Log }): SavedFailure {
  const { files, log } = deps;
  const path = join(deps.state, 'failure.json');
  const keep = async (failure: Failure | null): Promise<void> => {
    if (failure !== null) await replaceFile(files, path, jsonBytes(failure));
    else if (await files.lstat(path)) await files.unlink(path);
  };
  return {
    async load() {
      const value = await readJsonFile(files, path);
      return isFailure(value) ? value : null;
    },
    keep: (failure) =>
      keep(failure).catch((error: unknown) => {
        log.warn({ err: error }, 'What failed could not be written down.');
      }),
  };
}
