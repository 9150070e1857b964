import type { SearchState, StoredClause } from './state.ts';
import { truthOf } from './state.ts';

/**
 * What a clause asks of the next decision. `settled`: it holds, or it is a soft one that cannot, and that stays so until
 * the search goes back. `dormant`: it holds as long as something open stays false. `pending`: one of `possible` has to
 * hold; these are in order of preference.
 */
export type Status =
  | { kind: 'settled'; by: number }
  | { kind: 'dormant' }
  | { kind: 'pending'; possible: number[] };

const DORMANT: Status = { kind: 'dormant' };

/** Hard clauses with positive literals wait for a decision; soft ones also where all literals are negative. */
export function statusOf(state: SearchState, stored: StoredClause): Status {
  const possible: number[] = [];
  let openNegative = 0;
  let positives = 0;
  for (const literal of stored.clause.literals) {
    const value = truthOf(state, literal);
    if (literal > 0) positives += 1;
    if (value > 0) return { kind: 'settled', by: literal };
    if (value < 0) continue;
    if (literal > 0) possible.push(literal);
    else if (openNegative === 0) openNegative = literal;
  }
  if (openNegative === 0)
    return possible.length > 0 ? { kind: 'pending', possible } : { kind: 'settled', by: 0 };
  if (positives > 0 || stored.clause.soft === null) return DORMANT;
  return { kind: 'pending', possible: [openNegative] };
}

/** Whether a decision may ever be needed for it; a hard clause with one literal that is not its condition is forced. */
export function mayBePending(stored: StoredClause): boolean {
  const { literals, soft } = stored.clause;
  if (soft !== null) return true;
  const positives = literals.reduce((count, literal) => count + Number(literal > 0), 0);
  return positives > 1 || (positives === 1 && literals.length > 2);
}
