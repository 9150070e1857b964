/** Lets a number of calls run in each turn of the event loop, the others wait in order: sockets are served in between. */
export interface PublishWindow {
  /** Runs `work` now or in a later turn; resolves when it has run. After `close` it does not run any more. */
  run(work: () => void): Promise<void>;
  close(): void;
}

export function createPublishWindow(perTurn: number): PublishWindow {
  const done = Promise.resolve();
  let waiting: (() => void)[] = [];
  let left = perTurn;
  let turnPlanned = false;
  let closed = false;

  function nextTurn(): void {
    turnPlanned = false;
    left = perTurn;
    const now = waiting.slice(0, perTurn);
    waiting = waiting.slice(perTurn);
    for (const run of now) run();
    left -= now.length;
    if (now.length > 0) planTurn();
  }

  function planTurn(): void {
    if (turnPlanned) return;
    turnPlanned = true;
    setImmediate(nextTurn);
  }

  return {
    run(work) {
      planTurn();
      if (left > 0 && waiting.length === 0) {
        left--;
        if (!closed) work();
        return done;
      }
      return new Promise((resolve) => {
        waiting.push(() => {
          if (!closed) work();
          resolve();
        });
      });
    },
    close() {
      closed = true;
    },
  };
}
