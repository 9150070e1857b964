import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { startWorker } from '../../system/start-worker.ts';
import type { PackedAnswer } from '../core/packed-answer.ts';
import type { Request, Resolution } from '../core/resolution.ts';
import type { View } from '../core/view.ts';
import type { SentView, SolvedAnswer, SolverReply, SolverRequest } from './messages.ts';

/** An answer from another thread. `texts`: the relations' texts of the packed one. */
export type Found =
  | { kind: 'packed'; packed: PackedAnswer; texts: readonly string[] }
  | { kind: 'plain'; resolution: Resolution };

/** A question that waits for its answer; null: it has to be answered elsewhere. */
export interface Asking {
  view: View;
  request: Request;
  done: (found: Found | null) => void;
}

/** A worker as its owner sees it. */
export interface SolverThread {
  /** Questions that were sent and have no answer yet. */
  readonly load: number;
  /** Sends questions, all on one view. */
  ask(questions: readonly Asking[]): void;
  /** Gives back the memory of a view that is not asked for any more. */
  forget(view: View): void;
  /** Ends the worker; what waits gets null. */
  end(): Promise<void>;
}

/** A worker keeps so many views at most. */
const MAX_VIEWS = 4;

/** Starts a worker. `lost` is called once if it dies by itself, after what waits got null; `freed` after each reply. */
export function startSolver({
  heapMb,
  numberOf,
  send,
  freed,
  lost,
}: {
  heapMb: number;
  numberOf: (view: View) => number;
  send: (view: View) => SentView;
  freed: () => void;
  lost: (cause: Error) => void;
}): SolverThread {
  const worker = start(heapMb);
  /** The texts of relations, by view; the views in the order in which they were asked for last. */
  const views = new Map<number, string[]>();
  const sent: Asking[][] = [];
  let load = 0;
  let isOver = false;

  const post = (message: SolverRequest): void => worker.postMessage(message);

  const tell = (view: View): number => {
    const number = numberOf(view);
    const known = views.get(number);
    views.delete(number);
    views.set(number, known ?? []);
    if (known) return number;
    forget([...views.keys()].slice(0, -MAX_VIEWS));
    post({ kind: 'view', view: number, sent: send(view) });
    return number;
  };

  const forget = (numbers: readonly number[]): void => {
    const some = numbers.filter((number) => views.delete(number));
    if (some.length > 0) post({ kind: 'forget', views: some });
  };

  const take = ({ view, answers, texts }: SolverReply): void => {
    const questions = sent.shift() ?? [];
    const known = views.get(view);
    known?.push(...texts);
    load -= questions.length;
    if (load === 0) worker.unref();
    for (const [index, { done }] of questions.entries()) done(foundIn(answers[index], known));
    freed();
  };

  const lose = (): boolean => {
    if (isOver) return false;
    isOver = true;
    load = 0;
    for (const { done } of sent.splice(0).flat()) done(null);
    return true;
  };

  const fail = (cause: Error): void => {
    if (lose()) lost(cause);
  };
  worker.on('message', take);
  worker.on('error', fail);
  worker.on('exit', () => fail(new Error('it ended')));
  worker.unref();

  return {
    get load() {
      return load;
    },
    ask(questions) {
      const [first] = questions;
      if (!first) return;
      const view = tell(first.view);
      sent.push([...questions]);
      load += questions.length;
      worker.ref();
      post({ kind: 'solve', view, requests: questions.map(({ request }) => request) });
    },
    forget: (view) => forget([numberOf(view)]),
    async end() {
      lose();
      await worker.terminate();
    },
  };
}

function start(heapMb: number): Worker {
  const program = {
    built: 'jamesd-solver.js',
    directory: import.meta.dirname,
    source: pathToFileURL(join(import.meta.dirname, 'solver-main.ts')).href,
  };
  return startWorker(program, { resourceLimits: { maxOldGenerationSizeMb: heapMb } });
}

function foundIn(
  answer: SolvedAnswer | undefined,
  texts: readonly string[] | undefined,
): Found | null {
  if (answer?.kind === 'packed' && texts) return { ...answer, texts };
  return answer?.kind === 'plain' ? answer : null;
}
