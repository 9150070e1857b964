import type { Reporter, SourceOutcome } from './catalogue.ts';

/** How a source is to be refreshed. */
export interface RefreshWish {
  /** Read everything again though nothing changed. */
  reread: boolean;
  /** Do nothing if something good is loaded that fits the document. */
  missingOnly: boolean;
  allowOlder: boolean;
}

export interface RefreshQueue {
  /**
   * Refreshes a source after what runs for it has ended; at most `most` sources at once. A wish that another one, which
   * has not begun, covers is served by that one.
   */
  add(id: string, wish: RefreshWish, reporter?: Reporter): Promise<SourceOutcome>;
  /** Resolves when nothing runs or waits. */
  settled(): Promise<void>;
  /** True if nothing runs. */
  isIdle(): boolean;
}

type Run = (id: string, wish: RefreshWish, reporter: Reporter) => Promise<SourceOutcome>;

interface Waiting {
  wish: RefreshWish;
  reporters: Set<Reporter>;
  outcome: Promise<SourceOutcome>;
}

/** `run` must not reject. `onIdle` is called when the last run has ended. */
export function createRefreshQueue(
  run: Run,
  most: number,
  onIdle: () => Promise<void>,
): RefreshQueue {
  const tails = new Map<string, Promise<unknown>>();
  const waiting = new Map<string, Waiting>();
  const gate: (() => void)[] = [];
  let active = 0;
  let idling: Promise<void> = Promise.resolve();

  async function enter(): Promise<void> {
    await idling;
    if (active >= most) await new Promise<void>((resolve) => gate.push(resolve));
    else active += 1;
  }

  function leave(): void {
    const next = gate.shift();
    if (next) {
      next();
      return;
    }
    active -= 1;
    if (active === 0) idling = onIdle();
  }

  async function begin(id: string, one: Omit<Waiting, 'outcome'>, before?: Promise<unknown>) {
    await before;
    await enter();
    if (waiting.get(id)?.wish === one.wish) waiting.delete(id);
    try {
      return await run(id, one.wish, (progress) => {
        for (const reporter of one.reporters) reporter(progress);
      });
    } finally {
      leave();
    }
  }

  return {
    add(id, wish, reporter) {
      const known = waiting.get(id);
      if (known && covers(known.wish, wish)) {
        if (reporter) known.reporters.add(reporter);
        return known.outcome;
      }
      const reporters = new Set(reporter ? [reporter] : []);
      const outcome = begin(id, { wish, reporters }, tails.get(id));
      waiting.set(id, { wish, reporters, outcome });
      const tail = outcome.finally(() => {
        if (tails.get(id) === tail) tails.delete(id);
      });
      tails.set(id, tail);
      return outcome;
    },
    async settled() {
      while (tails.size > 0) await Promise.all(tails.values());
      await idling;
    },
    isIdle: () => active === 0,
  };
}

function covers(one: RefreshWish, other: RefreshWish): boolean {
  return (
    (one.reread || !other.reread) &&
    (!one.missingOnly || other.missingOnly) &&
    one.allowOlder === other.allowOlder
  );
}
