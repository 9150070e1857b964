/** Lets one task per key run at a time; others of the same key wait in their order. */
export interface Locks {
  run<Result>(key: string, task: () => Promise<Result>): Promise<Result>;
}

/** Locks that hold memory only for keys with a task under way. */
export function createLocks(): Locks {
  const last = new Map<string, Promise<unknown>>();
  return {
    async run(key, task) {
      const before = last.get(key);
      const mine = (before ?? Promise.resolve()).then(task, task);
      last.set(key, mine);
      try {
        return await mine;
      } finally {
        if (last.get(key) === mine) last.delete(key);
      }
    },
  };
}
