import type { SolverPool } from '../resolver/solving/solver-pool.ts';
import type { BuiltView } from './package-views.ts';
import type { AnswersAhead } from './plan-inputs.ts';
import type { Resolutions } from './resolutions.ts';

/** Answers that other threads find, remembered like all others. Equal questions are asked once. */
export function createAnswersAhead(
  resolutions: Resolutions,
  solvers: Pick<SolverPool, 'width' | 'solve'>,
): AnswersAhead {
  const asked = new Map<string, Promise<void>>();
  return {
    width: solvers.width,
    open: (view, request) => resolutions.open(view as BuiltView, request),
    find(given, request, key) {
      const view = given as BuiltView;
      const found = asked.get(key) ?? ask();
      asked.set(key, found);
      return found;

      async function ask(): Promise<void> {
        const answer = await solvers.solve(view.view, request);
        asked.delete(key);
        if (answer) resolutions.add(view, key, answer);
      }
    },
  };
}
