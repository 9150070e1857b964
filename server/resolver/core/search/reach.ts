import type { Clause } from '../search-model.ts';
import { type SearchState, type StoredClause, truthOf } from './state.ts';

/**
 * The true variables that the roots need, each with the clause that needs it: breadth first through hard clauses, then
 * through one soft clause after the other. What an earlier choice brought in and nothing needs any more is left out.
 */
export function reachedFromRoots(state: SearchState): Map<number, Clause> {
  const because = new Map<number, Clause>();
  const clausesBy = clausesByOwner(state);
  const open: number[] = [];
  const waiting: { hard: StoredClause[]; soft: StoredClause[] } = { hard: [], soft: [] };
  const take = (owner: number): void => {
    for (const stored of clausesBy.get(owner) ?? [])
      if (stored.clause.soft === null && isRipe(because, stored)) visit(stored);
      else waiting[stored.clause.soft === null ? 'hard' : 'soft'].push(stored);
  };
  const visit = (stored: StoredClause): void => {
    const variable = satisfying(state, because, stored.clause.literals);
    if (variable === 0 || because.has(variable)) return;
    because.set(variable, stored.clause);
    open.push(variable);
  };
  take(0);
  for (let next = 0; ; ) {
    for (; next < open.length; next += 1) take(open[next] ?? 0);
    const ripe = firstRipe(because, waiting.hard) ?? firstRipe(because, waiting.soft);
    if (ripe === undefined) return because;
    visit(ripe);
  }
}

/** Takes the first clause out of the list whose conditions are all reached. */
function firstRipe(
  because: ReadonlyMap<number, Clause>,
  list: StoredClause[],
): StoredClause | undefined {
  const at = list.findIndex((stored) => isRipe(because, stored));
  return at < 0 ? undefined : list.splice(at, 1)[0];
}

function isRipe(because: ReadonlyMap<number, Clause>, stored: StoredClause): boolean {
  return stored.clause.literals.every((literal) => literal > 0 || because.has(-literal));
}

/** A variable that satisfies the clause: one that is reached already, else the first; 0 if none. */
function satisfying(
  state: SearchState,
  because: ReadonlyMap<number, Clause>,
  literals: Int32Array,
): number {
  let first = 0;
  for (const literal of literals) {
    if (literal < 0 || truthOf(state, literal) <= 0) continue;
    if (because.has(literal)) return literal;
    if (first === 0) first = literal;
  }
  return first;
}

/** The clauses with a positive literal, by the variable that brought them. */
function clausesByOwner(state: SearchState): Map<number, StoredClause[]> {
  const byOwner = new Map<number, StoredClause[]>();
  for (const stored of state.clauses) {
    if (stored.owner < 0 || !stored.clause.literals.some((literal) => literal > 0)) continue;
    const list = byOwner.get(stored.owner);
    if (list === undefined) byOwner.set(stored.owner, [stored]);
    else list.push(stored);
  }
  return byOwner;
}
