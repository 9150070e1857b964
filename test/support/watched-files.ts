import type { Files } from '../../agent/system/files.ts';
import { createNodeFiles } from '../../agent/system/node-files.ts';

/** Calls of the port that change something on the disk. */
export const changingCalls: readonly (keyof Files)[] = [
  'writeNew',
  'append',
  'appendStream',
  'makeDirectory',
  'symlink',
  'link',
  'rename',
  'unlink',
  'removeDirectory',
  'chmod',
  'chown',
  'setModified',
];

/**
 * The machine's files, where `before(n, call, path)` is told of each change before it is done, counted from 1. What it
 * throws, the call throws.
 */
export function watchedFiles(before: (n: number, call: keyof Files, path: string) => void): Files {
  const files = createNodeFiles();
  let n = 0;
  return new Proxy(files, {
    get(target, name: keyof Files) {
      const call = target[name] as (...args: unknown[]) => unknown;
      if (!changingCalls.includes(name)) return call;
      return async (...args: unknown[]) => {
        n += 1;
        before(n, name, String(name === 'rename' || name === 'link' ? args[1] : args[0]));
        return await call.apply(target, args);
      };
    },
  });
}

/** Thrown by everything that a process which has died would still have done. */
export class Died extends Error {}

/**
 * Files of a process that dies before its nth change: that one and all after it are not done. `torn` writes the first half
 * of the last append, as a power cut can. `changes` tells how many changes were asked for.
 */
export function dyingFiles(last: number, torn = false): { files: Files; changes(): number } {
  const real = createNodeFiles();
  let changes = 0;
  const files = watchedFiles((n) => {
    changes = n;
    if (n >= last) throw new Died(`died before change ${n}`);
  });
  if (!torn) return { files, changes: () => changes };
  return {
    changes: () => changes,
    files: {
      ...callsOf(files),
      async append(path, content) {
        if (changes + 1 === last) await real.append(path, content.slice(0, content.length / 2));
        await files.append(path, content);
      },
    },
  };
}

/** Files of a process that lives until it is killed. */
export interface MortalFiles {
  files: Files;
  alive(): boolean;
  die(): void;
}

export function mortalFiles(): MortalFiles {
  let alive = true;
  return {
    files: watchedFiles((n) => {
      if (!alive) throw new Died(`died before change ${n}`);
    }),
    alive: () => alive,
    die: () => {
      alive = false;
    },
  };
}

/** The calls of a port as members of their own, so that some can be replaced. */
function callsOf(files: Files): Files {
  const names = Object.keys(createNodeFiles()) as (keyof Files)[];
  return Object.fromEntries(names.map((name) => [name, files[name]])) as unknown as Files;
}
