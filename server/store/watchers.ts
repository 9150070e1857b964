import type { Log } from '../../proto/log.ts';

type Listener = (keys: readonly string[], sequence: number) => void;

export interface Watchers {
  add(prefix: string, listener: Listener): () => void;
  /** Tells every listener whose prefix some key begins with. A listener that throws disturbs nobody. */
  tell(keys: readonly string[], sequence: number): void;
}

/** Who wants to hear of which keys. */
export function createWatchers(log: Log): Watchers {
  const watchers = new Set<{ prefix: string; listener: Listener }>();
  return {
    add(prefix, listener) {
      const watcher = { prefix, listener };
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    tell(keys, sequence) {
      for (const { prefix, listener } of watchers) {
        const touched = keys.filter((key) => key.startsWith(prefix));
        if (touched.length === 0) continue;
        try {
          listener(touched, sequence);
        } catch (error) {
          log.error({ err: error, prefix }, 'A listener of the store failed.');
        }
      }
    },
  };
}
