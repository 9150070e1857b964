import type { Clock } from '../../../proto/clock.ts';
import type { Log } from '../../../proto/log.ts';
import type { Request } from '../core/resolution.ts';
import type { View } from '../core/view.ts';
import { createViewSender } from './send-view.ts';
import { type Asking, type Found, type SolverThread, startSolver } from './solver-thread.ts';

/** Answers requests in other threads, which are started when there is something to answer. */
export interface SolverPool {
  /** As many questions keep all threads busy. */
  readonly width: number;
  /** Null: the answer has to be found here. Never rejects. Answers are those that `resolve` gives. */
  solve(view: View, request: Request): Promise<Found | null>;
  /** Says that a view is not asked for any more. */
  forget(view: View): void;
  /** Ends the threads; what waits gets null. */
  stop(): Promise<void>;
}

/** Cores that a refresh keeps busy without further threads: planning, and the store with the collection of garbage. */
const OTHER_CORES = 2;

/** How many threads are worth their while; with 0 everything is resolved where it is planned. */
export function worthwhileThreads(most: number, cores: number): number {
  return Math.max(0, Math.min(most, cores - OTHER_CORES));
}

export interface SolverPoolOptions {
  /** At least 1. */
  threads: number;
  clock: Clock;
  log: Log;
  /** The heap of each thread in MiB; tables of universes lie outside of it. */
  heapMb?: number;
}

const HEAP_MB = 2048;
/** So many questions go in one message. */
const BATCH = 8;
/** Threads without work end after this time in ms, and give their memory back. */
const IDLE_MS = 60_000;
/** After a thread died no other is started for this time in ms. */
const REST_MS = 300_000;

export function createSolverPool(options: SolverPoolOptions): SolverPool {
  const { threads, clock, log, heapMb = HEAP_MB } = options;
  const numberOf = createNumbers();
  const send = createViewSender();
  let running: SolverThread[] = [];
  let waiting: Asking[] = [];
  let restUntil = Number.NEGATIVE_INFINITY;
  let cancelIdle = (): void => {};
  let isStopped = false;

  const mayStart = (): boolean => !isStopped && clock.monotonic() >= restUntil;

  const giveUp = (): void => {
    const questions = waiting;
    waiting = [];
    for (const { done } of questions) done(null);
  };

  const startThread = (): void => {
    const thread = startSolver({
      ...{ heapMb, numberOf, send, freed: feed },
      lost(cause) {
        running = running.filter((one) => one !== thread);
        restUntil = clock.monotonic() + REST_MS;
        log.error({ err: cause }, 'A thread that resolves packages failed; its work is done here.');
        if (running.length === 0) giveUp();
        else feed();
      },
    });
    running.push(thread);
  };

  /** The next questions of one view. */
  const takeBatch = (): Asking[] => {
    const [first] = waiting;
    const end = waiting.findIndex(({ view }) => view !== first?.view);
    const share = Math.ceil(waiting.length / running.length);
    return waiting.splice(0, Math.min(end < 0 ? waiting.length : end, BATCH, share));
  };

  /** Gives threads something to do while they are busy, so that they need not wait for the next. */
  function feed(): void {
    for (const thread of [...running].sort((a, b) => a.load - b.load)) {
      if (thread.load > BATCH / 2 || waiting.length === 0) continue;
      if (thread.load > 0 && waiting.length < BATCH) continue;
      thread.ask(takeBatch());
    }
    cancelIdle();
    if (running.every(({ load }) => load === 0))
      cancelIdle = clock.after(IDLE_MS, () => void end());
  }

  const end = async (): Promise<void> => {
    cancelIdle();
    const ending = running;
    running = [];
    giveUp();
    await Promise.all(ending.map((thread) => thread.end()));
  };

  return {
    width: threads * BATCH * 3,
    solve(view, request) {
      while (mayStart() && running.length < threads) startThread();
      if (running.length === 0) return Promise.resolve(null);
      return new Promise((done) => {
        waiting.push({ view, request, done });
        feed();
      });
    },
    forget(view) {
      for (const thread of running) thread.forget(view);
    },
    async stop() {
      isStopped = true;
      await end();
    },
  };
}

function createNumbers(): (view: View) => number {
  const numbers = new WeakMap<View, number>();
  let last = 0;
  return (view) => {
    const number = numbers.get(view) ?? ++last;
    numbers.set(view, number);
    return number;
  };
}
