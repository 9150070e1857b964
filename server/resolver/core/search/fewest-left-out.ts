import type { Clause, SearchModel } from '../search-model.ts';
import type { Discipline } from './agenda.ts';
import { cachedModel, withRoots } from './cached-model.ts';
import { smallestHittingSet } from './hitting-set.ts';
import { search } from './search.ts';

/** Something asked for as a whole: all its clauses or none. */
export type WantClauses = readonly Clause[];

export interface LeftOut {
  /** Indexes of wants, ascending. */
  wants: number[];
  /** False: even with these left out no answer was found: `base` contradicts itself, or the budget is used up. */
  solvable: boolean;
}

/** Beyond so many conflicts between wants, or wants in them, a good set is enough. */
const EXACT_CONFLICTS = 64;

/**
 * The smallest set of wants that must be left out so that `base` and the others can hold together; of several, those that
 * were asked for last. Exact while the wants' conflicts are few, else each want in turn is kept if it still fits.
 */
export function fewestLeftOut(
  model: SearchModel,
  base: readonly Clause[],
  wants: readonly WantClauses[],
  budget: number,
): LeftOut {
  const attempt = createAttempt(cachedModel(model), base, wants, budget);
  const conflicts: number[][] = [];
  while (conflicts.length < EXACT_CONFLICTS) {
    const leftOut = smallestHittingSet(conflicts);
    if (leftOut === null) break;
    const found = attempt(new Set(leftOut));
    if (found === 'solvable') return { wants: leftOut, solvable: true };
    if (found === 'gave-up') break;
    if (found.length === 0) return { wants: leftOut, solvable: false };
    conflicts.push(found);
  }
  return keptOneByOne(attempt, wants.length);
}

/** Tries all wants but those given; a conflict is told as the wants that take part in it, none if `base` alone fails. */
type Attempt = (leftOut: ReadonlySet<number>) => 'solvable' | 'gave-up' | number[];

function createAttempt(
  model: SearchModel,
  base: readonly Clause[],
  wants: readonly WantClauses[],
  budget: number,
): Attempt {
  const discipline: Discipline = 'unit-first';
  return (leftOut) => {
    const kept = wants.flatMap((clauses, index) => (leftOut.has(index) ? [] : clauses));
    const result = search(withRoots(model, [...base, ...kept]), {
      discipline,
      budget,
      soft: false,
    });
    if (result.kind !== 'unsolvable') return result.kind === 'solved' ? 'solvable' : 'gave-up';
    const guilty = new Set(result.clauses);
    return wants.flatMap((clauses, index) =>
      !leftOut.has(index) && clauses.some((clause) => guilty.has(clause)) ? [index] : [],
    );
  };
}

function keptOneByOne(attempt: Attempt, count: number): LeftOut {
  const leftOut = new Set(Array.from({ length: count }, (_, index) => index));
  if (attempt(leftOut) !== 'solvable') return { wants: [...leftOut], solvable: false };
  for (let index = 0; index < count; index += 1) {
    leftOut.delete(index);
    if (attempt(leftOut) !== 'solvable') leftOut.add(index);
  }
  return { wants: [...leftOut], solvable: true };
}
