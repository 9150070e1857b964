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

/**
 * Hard clauses wait for a decision while all their negatives are false. In a soft one a negative that stands before the
 * positives is a condition too; one that stands after them is an alternative, and so is one of a wholly negative clause.
 */
export function statusOf(state: SearchState, stored: StoredClause): Status {
  const possible: number[] = [];
  let condition = 0;
  let alternative = 0;
  let positives = 0;
  for (const literal of stored.clause.literals) {
    const truth = truthOf(state, literal);
    if (literal > 0) positives += 1;
    if (truth > 0) return { kind: 'settled', by: literal };
    if (truth < 0) continue;
    if (literal > 0) possible.push(literal);
    else if (positives === 0) condition = literal;
    else alternative = literal;
  }
  if (stored.clause.soft === null) {
    if (condition !== 0 || alternative !== 0) return DORMANT;
  } else {
    if (positives === 0 && condition !== 0) return { kind: 'pending', possible: [condition] };
    if (condition !== 0 || (alternative !== 0 && possible.length > 0)) return DORMANT;
    if (alternative !== 0) return { kind: 'pending', possible: [alternative] };
  }
  return possible.length > 0 ? { kind: 'pending', possible } : { kind: 'settled', by: 0 };
}

/** Whether a decision may ever be needed for it; a hard clause with one literal that is not its condition is forced. */
export function mayBePending(stored: StoredClause): boolean {
  const { literals, soft } = stored.clause;
  if (soft !== null) return true;
  const positives = literals.reduce((count, literal) => count + Number(literal > 0), 0);
  return positives > 1 || (positives === 1 && literals.length > 2);
}
