import { join } from 'node:path';
import { plainCheck } from '../proto/check.ts';
import { Desired } from '../proto/desired.ts';
import { readJsonFile, replaceFile } from './state-file.ts';
import type { Files } from './system/files.ts';

const isDesired = plainCheck(Desired) as (value: unknown) => value is Desired;

/** The desired document that was accepted last, on disk: an agent that starts without a server goes on with it. */
export interface SavedDesired {
  /** Null if there is none for this device, or it cannot be read. */
  load(): Promise<Desired | null>;
  save(desired: Desired): Promise<void>;
  /** Forgets it: with a new identity the server's count begins anew. */
  clear(): Promise<void>;
}

export function createSavedDesired(deps: {
  files: Files;
  state: string;
  device: string;
}): SavedDesired {
  const path = join(deps.state, 'desired.json');
  return {
    async load() {
      const value = await readJsonFile(deps.files, path);
      return isDesired(value) && value.signed.device === deps.device ? value : null;
    },
    save: (desired) => replaceFile(deps.files, path, Buffer.from(JSON.stringify(desired))),
    async clear() {
      if (await deps.files.lstat(path)) await deps.files.unlink(path);
    },
  };
}
