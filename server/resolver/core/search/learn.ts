import type { Clause } from '../search-model.ts';
import type { Origins, SearchState } from './state.ts';

export interface Lesson {
  clause: Clause;
  /** The level at which the lesson forces its first literal. */
  level: number;
  origins: Origins;
}

/**
 * The first unique implication point: resolves the failed clause with the reasons of what it contradicts until only one
 * literal of the last decision level is left.
 */
export function learn(state: SearchState, conflict: number): Lesson {
  const current = state.starts.length;
  const seen = new Set<number>();
  const origins: Origins = { clauses: [conflict], variables: [] };
  const earlier: number[] = [];
  let pending = 0;
  const take = (index: number, resolved: number): void => {
    for (const literal of state.clauses[index]?.literals ?? []) {
      const variable = Math.abs(literal);
      if (variable === resolved || seen.has(variable)) continue;
      seen.add(variable);
      const level = state.levels[variable] ?? 0;
      if (level === current) pending += 1;
      else if (level > 0) earlier.push(literal);
      else origins.variables.push(variable);
    }
  };
  take(conflict, 0);
  let at = state.trail.length - 1;
  for (; ; at -= 1) {
    const variable = Math.abs(state.trail[at] ?? 0);
    if (!seen.has(variable)) continue;
    pending -= 1;
    if (pending === 0) break;
    const reason = state.reasons[variable] ?? -1;
    origins.clauses.push(reason);
    take(reason, variable);
  }
  const level = earlier.reduce(
    (highest, literal) => Math.max(highest, state.levels[Math.abs(literal)] ?? 0),
    0,
  );
  const literals = Int32Array.of(-(state.trail[at] ?? 0), ...earlier);
  return { clause: { literals, soft: null, origin: -1 }, level, origins };
}
