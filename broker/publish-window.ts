/** Lets a number of calls run in each turn of the event loop, the others wait in order: sockets are served in between. */
export interface PublishWindow {
  /** Runs `work` now or in a later turn; resolves when it has run, rejects with what it throws. Not after `close`. */
  run(work: () => void): Promise<void>;
  close(): void;
}

export function createPublishWindow(perTurn: number): PublishWindow {
  let waiting: (() => void)[] = [];
  let left = perTurn;
  let turnPlanned = false;
  let closed = false;

  function nextTurn(): void {
    turnPlanned = false;
    const now = waiting.slice(0, perTurn);
    waiting = waiting.slice(perTurn);
    left = perTurn - now.length;
    for (const call of now) call();
    if (now.length > 0) planTurn();
  }

  function planTurn(): void {
    if (turnPlanned) return;
    turnPlanned = true;
    setImmediate(nextTurn);
  }

  return {
    run: (work) =>
      new Promise((resolve, reject) => {
        const call = (): void => {
          try {
            if (!closed) work();
            resolve();
          } catch (error) {
            reject(error);
          }
        };
        planTurn();
        if (left === 0 || waiting.length > 0) {
          waiting.push(call);
          return;
        }
        left--;
        call();
      }),
    close() {
      closed = true;
    },
  };
}
