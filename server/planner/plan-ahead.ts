import type { PackageView } from '../core/package-model.ts';
import type { PlanWorld } from '../core/plan-labelset.ts';
import type { Request } from '../resolver/core/resolution.ts';
import type { AnswersAhead } from './plan-inputs.ts';
import type { Slices } from './slices.ts';

/** Fewer open questions are answered where they are asked: to wake other threads would take longer. */
export const FEWEST_AHEAD = 64;
/** A plan has so many questions answered ahead; what it asks beyond is answered when it is asked. */
const MAX_QUESTIONS = 8;

/** Something to plan that lacks an answer; `asked` counts this and former questions. */
interface Waiting<One> {
  one: One;
  question: OpenQuestion;
  asked: number;
}

/**
 * Plans each of `all` once, in any order. Where many plans ask what is not known, the answers are found in other threads,
 * several at a time. `plan` is given the world to plan in; it may throw what that world throws, as long as it did nothing
 * before, and is then called again.
 */
export async function planAhead<One>(
  all: Iterable<One>,
  plan: (one: One, world: PlanWorld) => Promise<void>,
  { world, ahead, slices }: { world: PlanWorld; ahead: AnswersAhead | null; slices: Slices },
): Promise<void> {
  const planIn = async (one: One, place: PlanWorld): Promise<void> => {
    await plan(one, place);
    if (slices.due()) await slices.rest();
  };
  if (!ahead) {
    for (const one of all) await planIn(one, world);
    return;
  }
  const asking = askingWorld(world, ahead);
  const found: (Waiting<One> & { answered: Promise<void> })[] = [];

  /** What the plan lacks; null: it is made. */
  const attempt = async (one: One, asked: number): Promise<Waiting<One> | null> => {
    try {
      await planIn(one, asked < MAX_QUESTIONS ? asking : world);
      return null;
    } catch (thrown) {
      if (!(thrown instanceof OpenQuestion)) throw thrown;
      if (slices.due()) await slices.rest();
      return { one, question: thrown, asked: asked + 1 };
    }
  };
  const ask = (waiting: Waiting<One>): void => {
    const { view, request, key } = waiting.question;
    found.push({ ...waiting, answered: ahead.find(view, request, key) });
  };
  /** Plans what has its answer, the first first, until at most so many wait. */
  const drain = async (most: number): Promise<void> => {
    while (found.length > most) {
      const { one, asked, question, answered } = found.shift() as (typeof found)[number];
      await answered;
      const next = await attempt(one, asked);
      if (next && next.question.key !== question.key) ask(next);
      else if (next) await planIn(one, world);
    }
  };

  const first = new FirstQuestions<One>();
  for (const one of all) {
    const waiting = await attempt(one, 0);
    if (!waiting) continue;
    for (const each of first.add(waiting)) ask(each);
    await drain(ahead.width);
  }
  for (const { one } of first.left()) await planIn(one, world);
  await drain(0);
}

/** Keeps questions back until there are enough. */
class FirstQuestions<One> {
  readonly #keys = new Set<string>();
  #waiting: Waiting<One>[] = [];

  /** Those that are to be asked now. */
  add(one: Waiting<One>): Waiting<One>[] {
    this.#waiting.push(one);
    this.#keys.add(one.question.key);
    return this.#keys.size < FEWEST_AHEAD ? [] : this.left();
  }

  /** Those that were kept back, which are no longer. */
  left(): Waiting<One>[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting;
  }
}

/** A plan asked what is not known yet. */
class OpenQuestion extends Error {
  readonly view: PackageView;
  readonly request: Request;
  readonly key: string;

  constructor(view: PackageView, request: Request, key: string) {
    super('an answer is not known yet');
    this.view = view;
    this.request = request;
    this.key = key;
  }
}

/** The world in which open questions are thrown in place of being answered. */
function askingWorld(world: PlanWorld, ahead: AnswersAhead): PlanWorld {
  const { packages } = world;
  return {
    ...world,
    packages: {
      ...packages,
      resolve(view, request) {
        const key = ahead.open(view, request);
        if (key !== null) throw new OpenQuestion(view, request, key);
        return packages.resolve(view, request);
      },
    },
  };
}
