import type { Clause } from '../search-model.ts';
import type { SearchState } from './state.ts';

/** The model's own clauses behind a conflict at level 0, in the order in which they were found. */
export function conflictingClauses(state: SearchState, conflict: number): Clause[] {
  const clauses = new Set<number>();
  const variables = new Set<number>();
  const open = [conflict];
  const explain = (variable: number): void => {
    if (variables.has(variable)) return;
    variables.add(variable);
    open.push(state.reasons[variable] ?? -1);
  };
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    const stored = state.clauses[index];
    if (stored === undefined || clauses.has(index)) continue;
    clauses.add(index);
    open.push(...(stored.origins?.clauses ?? []));
    for (const variable of stored.origins?.variables ?? []) explain(variable);
    for (const literal of stored.literals)
      if (isSettledAtStart(state, literal)) explain(Math.abs(literal));
  }
  return [...clauses]
    .sort((a, b) => a - b)
    .flatMap((index) => state.clauses[index] ?? [])
    .filter(({ origins }) => origins === null)
    .map(({ clause }) => clause);
}

function isSettledAtStart(state: SearchState, literal: number): boolean {
  const variable = Math.abs(literal);
  return state.values[variable] !== 0 && state.levels[variable] === 0;
}
