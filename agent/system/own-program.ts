import { realpathSync, statSync } from 'node:fs';

/** The program of the running agent. */
export interface OwnProgram {
  /** The host's path where it is installed. */
  path: string;
  /** Whether another file stands there now than the one that this process was started from. */
  isReplaced(): boolean;
  /** Why the launcher started this program, the one before, and not the one on trial; null: it did not. */
  trialFailed: string | null;
}

/** Reads from arguments and environment, as the launcher sets it, what this process was started from; null: not known. */
export function readOwnProgram(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): OwnProgram | null {
  const running = argv[1];
  if (running === undefined) return null;
  const started = realpathSync(running);
  const path = realOr(env.JAMESC_PROGRAM || started);
  const before = fileAt(path);
  return {
    path,
    isReplaced: () => started !== path || fileAt(path) !== before,
    trialFailed: env.JAMESC_TRIAL_FAILED || null,
  };
}

/** What tells a file from one that was put in its place. */
function fileAt(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? `${found.dev} ${found.ino} ${found.size} ${found.mtimeMs}` : '';
}

function realOr(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
