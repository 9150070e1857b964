import type { Pending } from './agenda.ts';
import { statusOf } from './pending.ts';
import type { SearchState, StoredClause } from './state.ts';

/** Clauses that wait in a fixed order, whenever they were found; each decision is followed by the next in the circle. */
export interface Turns {
  add(stored: StoredClause): void;
  next(): Pending | null;
  /** The next decision is the first of the order again. */
  restart(): void;
}

/** Clauses of the variable with the highest turn come first; of one variable, those with lower literals. */
export function createTurns(state: SearchState, turn: (variable: number) => number): Turns {
  const clauses: StoredClause[] = [];
  let last: StoredClause | null = null;
  const compare = (a: StoredClause, b: StoredClause): number =>
    turn(b.owner) - turn(a.owner) || compareLiterals(a.clause.literals, b.clause.literals);
  /** Where the clause stands or would stand, after its equals. */
  const placeAfter = (stored: StoredClause): number => {
    let [from, to] = [0, clauses.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (compare(clauses[middle] as StoredClause, stored) <= 0) from = middle + 1;
      else to = middle;
    }
    return from;
  };
  return {
    add: (stored) => void clauses.splice(placeAfter(stored), 0, stored),
    next: () => {
      const start = last === null ? 0 : placeAfter(last);
      for (let step = 0; step < clauses.length; step += 1) {
        const stored = clauses[(start + step) % clauses.length] as StoredClause;
        const status = statusOf(state, stored);
        if (status.kind !== 'pending') continue;
        last = stored;
        return { stored, possible: status.possible };
      }
      return null;
    },
    restart: () => {
      last = null;
    },
  };
}

/** By the positive ones, in their order; the shorter list of equal beginnings first. */
function compareLiterals(a: Int32Array, b: Int32Array): number {
  const [left, right] = [a.filter(isPositive), b.filter(isPositive)];
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

const isPositive = (literal: number): boolean => literal > 0;
