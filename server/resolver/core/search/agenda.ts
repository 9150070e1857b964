import type { SearchModel } from '../search-model.ts';
import { mayBePending, type Status, statusOf } from './pending.ts';
import type { SearchState, StoredClause } from './state.ts';
import { createWalk } from './walk.ts';

/**
 * In which order clauses get their decisions.
 * `unit-first`: the roots; soft clauses of a negative level, by level; required ones; the other soft ones, by level. Of
 * roots and of required ones those with fewest possible literals are first; else the first come is first.
 * `in-order`: the same, but always the first come is first.
 * `depth-first`: soft clauses of a negative level, then required and soft ones alike from the roots: what a chosen literal
 * brings comes before its next sibling.
 */
export type Discipline = 'unit-first' | 'in-order' | 'depth-first';

export interface Agenda {
  /** Takes note of a clause that was added. */
  add(index: number): void;
  /** The literal to decide, 0 if nothing waits for a decision. */
  next(): number;
  /** The search went back: what was settled may be open again. */
  wentBack(): void;
}

interface Shelf {
  rank: number;
  clauses: StoredClause[];
  /** All before it are settled. */
  from: number;
}

const ROOTS = Number.NEGATIVE_INFINITY;
const REQUIRED = -0.5;

export function createAgenda(
  discipline: Discipline,
  model: SearchModel,
  state: SearchState,
): Agenda {
  const shelves: Shelf[] = [];
  const walk = discipline === 'depth-first' ? createWalk(state) : null;
  const shelfOf = (rank: number): Shelf => {
    const at = shelves.findIndex((shelf) => shelf.rank >= rank);
    const found = shelves[at];
    if (found?.rank === rank) return found;
    const made: Shelf = { rank, clauses: [], from: 0 };
    shelves.splice(at < 0 ? shelves.length : at, 0, made);
    return made;
  };
  const chosen = (stored: StoredClause, possible: readonly number[]): number =>
    possible.length > 1 && model.choose !== undefined
      ? model.choose(stored.clause, possible, (variable) => state.values[variable] === 1)
      : (possible[0] ?? 0);
  const nextOf = (shelf: Shelf): number => {
    const isFewest =
      discipline === 'unit-first' && (shelf.rank === ROOTS || shelf.rank === REQUIRED);
    const found = isFewest ? fewest(state, shelf) : first(state, shelf);
    return found === null ? 0 : chosen(found.stored, found.possible);
  };
  return {
    add: (index) => {
      const stored = state.clauses[index];
      if (stored === undefined) return;
      walk?.add(stored);
      if (mayBePending(stored)) shelfOf(rankOf(stored)).clauses.push(stored);
    },
    next: () => {
      for (const shelf of shelves) {
        if (walk !== null && (shelf.rank === ROOTS || shelf.rank >= REQUIRED)) break;
        const literal = nextOf(shelf);
        if (literal !== 0) return literal;
      }
      const found = walk?.next() ?? null;
      if (found !== null) return chosen(found.stored, found.possible);
      return walk === null ? 0 : shelves.reduce((literal, shelf) => literal || nextOf(shelf), 0);
    },
    wentBack: () => {
      for (const shelf of shelves) shelf.from = 0;
      walk?.restart();
    },
  };
}

function rankOf({ clause, owner }: StoredClause): number {
  if (clause.soft !== null) return clause.soft;
  if (clause.late !== undefined) return clause.late;
  return owner === 0 ? ROOTS : REQUIRED;
}

export interface Pending {
  stored: StoredClause;
  possible: readonly number[];
}

/** The first clause of the shelf that waits for a decision. */
function first(state: SearchState, shelf: Shelf): Pending | null {
  for (const { stored, status } of unsettled(state, shelf))
    if (status.kind === 'pending') return { stored, possible: status.possible };
  return null;
}

/** The one with the fewest possible literals; the first of these. */
function fewest(state: SearchState, shelf: Shelf): Pending | null {
  let best: Pending | null = null;
  for (const { stored, status } of unsettled(state, shelf)) {
    if (status.kind !== 'pending') continue;
    if (best === null || status.possible.length < best.possible.length)
      best = { stored, possible: status.possible };
    if (best.possible.length <= 1) break;
  }
  return best;
}

function* unsettled(
  state: SearchState,
  shelf: Shelf,
): Generator<{ stored: StoredClause; status: Status }> {
  for (let at = shelf.from; at < shelf.clauses.length; at += 1) {
    const stored = shelf.clauses[at];
    if (stored === undefined) continue;
    const status = statusOf(state, stored);
    if (status.kind !== 'settled') yield { stored, status };
    else if (at === shelf.from) shelf.from += 1;
  }
}
