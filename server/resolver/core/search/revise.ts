import type { Decision } from './agenda.ts';
import { type SearchState, truthOf } from './state.ts';

/**
 * A decision that turned out to be superfluous: something else that was worth trying for the same clause holds by now,
 * decided or forced later. Gives the earliest such level and what to decide there instead; null if there is none.
 */
export function superfluousDecision(
  state: SearchState,
): { level: number; decision: Decision } | null {
  for (const [level, others] of state.others.entries()) {
    const better = others.filter(
      (literal) =>
        truthOf(state, literal) > 0 && (state.levels[Math.abs(literal)] ?? 0) > level + 1,
    );
    const literal = better.at(-1);
    if (literal !== undefined) return { level, decision: { literal, others: [] } };
  }
  return null;
}
