import { setImmediate } from 'node:timers/promises';
import type { Clock, Random } from '../../proto/clock.ts';
import type { Log } from '../../proto/log.ts';

/** Keys of what may have changed. A pass reads everything else it needs. */
export interface Work {
  /** Everything is looked at again. */
  all: boolean;
  /** Names of packets that came or went. */
  packets: Set<string>;
  /** Ids of specs whose lock is another. */
  specs: Set<string>;
  /** Ids of specs whose renewal goes on. */
  resumed: Set<string>;
  /** Ids of sources that offer other packages. */
  sources: Set<string>;
  /** Devices that came, went or changed labels. */
  devices: Set<string>;
}

/** Work that waits, without duplicates, and one pass at a time. */
export interface WorkQueue {
  /** Marks work; the passes begin with `start`. Nothing marked means: look at the specs. */
  add(mark: (work: Work) => void): void;
  /** Runs the first pass to its end, also if it fails, then all others in the background. */
  start(): Promise<void>;
  /** Resolves when a pass has succeeded that began after this call, or at once if nothing waits. */
  settled(): Promise<void>;
  /** True if every pass that was asked for has succeeded. */
  idle(): boolean;
  /** No further pass begins; resolves when the one under way is over. */
  stop(): Promise<void>;
}

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;

/** A pass that fails is repeated over everything, with growing pauses. */
export function createWorkQueue({
  run,
  clock,
  random,
  log,
}: {
  run: (work: Work) => Promise<void>;
  clock: Clock;
  random: Random;
  log: Log;
}): WorkQueue {
  let work = noWork();
  let asked = 0;
  let done = 0;
  let pause = 0;
  let running: Promise<void> | null = null;
  let state: 'new' | 'open' | 'stopped' = 'new';
  const stopping = new AbortController();
  let settling: { ticket: number; resolve: () => void }[] = [];

  const release = (): void => {
    const ready = settling.filter(({ ticket }) => ticket <= done || state === 'stopped');
    settling = settling.filter((one) => !ready.includes(one));
    for (const { resolve } of ready) resolve();
  };

  const pass = async (): Promise<void> => {
    const ticket = asked;
    const taken = work;
    work = noWork();
    try {
      await run(taken);
      done = ticket;
      pause = 0;
      release();
    } catch (error) {
      work.all = true;
      pause = Math.min(LAST_RETRY_MS, Math.max(FIRST_RETRY_MS, pause * 2));
      log.error({ err: error, retryInMs: pause }, 'Planning failed; it is tried again.');
    }
  };

  const loop = async (): Promise<void> => {
    while (asked > done && state === 'open') {
      // Whoever marks work goes on first; what is marked at the same moment is one pass.
      await setImmediate();
      if (pause > 0)
        await clock.sleep(pause * (0.5 + random() / 2), stopping.signal).catch(() => {});
      if (state === 'open') await pass();
    }
  };

  const kick = (): void => {
    if (state !== 'open') return;
    running ??= loop().finally(() => {
      running = null;
      if (asked > done) kick();
    });
  };

  return {
    add(mark) {
      mark(work);
      asked += 1;
      kick();
    },
    async start() {
      state = 'open';
      running = pass().finally(() => {
        running = null;
        kick();
      });
      await running;
    },
    settled() {
      if (asked === done || state === 'stopped') return Promise.resolve();
      return new Promise((resolve) => settling.push({ ticket: asked, resolve }));
    },
    idle: () => asked === done,
    async stop() {
      state = 'stopped';
      stopping.abort();
      await running;
      release();
    },
  };
}

/** Nothing marked. */
export function noWork(): Work {
  return {
    all: false,
    packets: new Set(),
    specs: new Set(),
    resumed: new Set(),
    sources: new Set(),
    devices: new Set(),
  };
}
