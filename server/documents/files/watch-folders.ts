import { type FSWatcher, watch } from 'node:fs';

/** Tells that something happened in one of several folders. It may miss things; a timer backs it up. */
export interface FolderWatch {
  /** From now on these. */
  follow(folders: ReadonlySet<string>): void;
  stop(): void;
}

/** Folders are watched, not files: editors replace a file by another one. */
export function createFolderWatch(onChange: () => void): FolderWatch {
  const watchers = new Map<string, FSWatcher>();

  const drop = (folder: string): void => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  const open = (folder: string): void => {
    try {
      const watcher = watch(folder, { persistent: false }, onChange);
      watcher.on('error', () => drop(folder));
      watchers.set(folder, watcher);
    } catch {
      // there is no such folder, or no room for a further watch: the timer looks
    }
  };

  return {
    follow(folders) {
      for (const folder of [...watchers.keys()]) if (!folders.has(folder)) drop(folder);
      for (const folder of folders) if (!watchers.has(folder)) open(folder);
    },
    stop() {
      for (const folder of [...watchers.keys()]) drop(folder);
    },
  };
}
