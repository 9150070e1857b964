import { joinPath } from '../core/device-path.ts';
import { ensureDirectory, replaceFile } from '../state-file.ts';
import type { Files } from '../system/files.ts';

/**
 * A new program of the agent on trial, as the launcher goes by it: while the file `trial` stands in the state directory,
 * the program that is put in place must be through within the seconds in it; otherwise its copy under `previous/` is
 * started instead. The launcher's own note `trial.started` says that the new one had its turn.
 */
export interface Trial {
  /** Copies the program that runs, and writes the trial down; all is durable when it resolves. */
  begin(program: string, seconds: number): Promise<void>;
  /** The trial is over. True if there was one. */
  end(): Promise<boolean>;
}

export function createTrial({ files, state }: { files: Files; state: string }): Trial {
  const trial = joinPath(state, 'trial');
  const started = joinPath(state, 'trial.started');
  const previous = joinPath(state, 'previous');

  return {
    async begin(program, seconds) {
      await ensureDirectory(files, previous, 0o700);
      await replaceFile(files, joinPath(previous, 'jamesc.js'), await files.readFile(program));
      await files.syncDirectory(state);
      if (await files.lstat(started)) await files.unlink(started);
      await replaceFile(files, trial, Buffer.from(`${seconds}\n`));
    },
    async end() {
      if (!(await files.lstat(trial))) return false;
      await files.unlink(trial);
      await files.syncDirectory(state);
      return true;
    },
  };
}
