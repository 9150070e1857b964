/** Runs tasks side by side, a limited number at a time. */
export interface WorkPool {
  /** Resolves when the task has begun, which is when there is room; rejects with the first failure of any task. */
  add(task: () => Promise<unknown>): Promise<void>;
  /** Resolves when all tasks are done; rejects with the first failure of any. */
  done(): Promise<void>;
  /** Resolves when nothing runs any more, however it ended. */
  idle(): Promise<void>;
}

export function createWorkPool(limit: number): WorkPool {
  const running = new Set<Promise<void>>();
  let failure: { error: unknown } | null = null;

  const refuseAfterFailure = (): void => {
    if (failure) throw failure.error;
  };
  const run = async (task: () => Promise<unknown>): Promise<void> => {
    try {
      await task();
    } catch (error) {
      failure ??= { error };
    }
  };

  return {
    async add(task) {
      while (running.size >= limit) await Promise.race(running);
      refuseAfterFailure();
      const promise: Promise<void> = run(task).then(() => void running.delete(promise));
      running.add(promise);
    },
    async done() {
      await Promise.all(running);
      refuseAfterFailure();
    },
    async idle() {
      await Promise.all(running);
    },
  };
}

/** Does something with every item, a limited number at a time. The first failure rejects once nothing runs any more. */
export async function forEachOf<Item>(
  items: Iterable<Item>,
  limit: number,
  act: (item: Item) => Promise<unknown>,
): Promise<void> {
  const pool = createWorkPool(limit);
  try {
    for (const item of items) await pool.add(() => act(item));
    await pool.done();
  } finally {
    await pool.idle();
  }
}
