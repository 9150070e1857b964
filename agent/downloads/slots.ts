/** Lets so many callers in at a time; the others wait in the order they came. */
export interface Slots {
  /** Resolves with the function that gives the place back, or rejects with the signal's reason. */
  take(signal: AbortSignal): Promise<() => void>;
}

export function createSlots(count: number): Slots {
  let free = count;
  const waiting: (() => void)[] = [];
  const release = (): void => {
    free += 1;
    waiting.shift()?.();
  };
  return {
    async take(signal) {
      while (free === 0) await turn(waiting, signal);
      signal.throwIfAborted();
      free -= 1;
      let given = false;
      return () => {
        if (!given) release();
        given = true;
      };
    },
  };
}

function turn(waiting: (() => void)[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      const at = waiting.indexOf(go);
      if (at >= 0) waiting.splice(at, 1);
      reject(signal.reason as Error);
    };
    const go = (): void => {
      signal.removeEventListener('abort', abort);
      resolve();
    };
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    waiting.push(go);
  });
}
