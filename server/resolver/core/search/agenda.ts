import type { Clause } from '../search-model.ts';
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

/** What to decide. */
export interface Decision {
  literal: number;
  /** The clause that the decision serves. */
  clause: Clause;
  /** The search goes back to this level first. Absent: it stays where it is. */
  level?: number;
}

export interface Agenda {
  /** Takes note of a clause that was added. */
  add(index: number): void;
  /** Null if nothing waits for a decision. */
  next(): Decision | null;
  /** The search went back: what was settled may be open again. */
  wentBack(): void;
}

/** A clause that waits, and its open literals in order of preference. */
export interface Pending {
  stored: StoredClause;
  possible: readonly number[];
}

interface Shelf {
  rank: number;
  clauses: StoredClause[];
  /** All before it are settled. */
  from: number;
}

const ROOTS = Number.NEGATIVE_INFINITY;
const REQUIRED = -0.5;

export function createAgenda(discipline: Discipline, state: SearchState): Agenda {
  const shelves: Shelf[] = [];
  const walk = discipline === 'depth-first' ? createWalk(state) : null;
  const pendingOn = (shelf: Shelf): Pending | null => {
    const isFewest =
      discipline === 'unit-first' && (shelf.rank === ROOTS || shelf.rank === REQUIRED);
    return isFewest ? fewest(state, shelf) : first(state, shelf);
  };
  const nextOfShelves = (isMeant: (rank: number) => boolean): Decision | null => {
    for (const shelf of shelves) {
      if (!isMeant(shelf.rank)) continue;
      const decision = decisionOn(pendingOn(shelf));
      if (decision !== null) return decision;
    }
    return null;
  };
  return {
    add: (index) => {
      const stored = state.clauses[index];
      if (stored === undefined) return;
      walk?.add(stored);
      if (mayBePending(stored)) shelfOf(shelves, rankOf(stored)).clauses.push(stored);
    },
    next: () => {
      if (walk === null) return nextOfShelves(() => true);
      return (
        nextOfShelves((rank) => rank !== ROOTS && rank < REQUIRED) ??
        decisionOn(walk.next()) ??
        nextOfShelves(() => true)
      );
    },
    wentBack: () => {
      for (const shelf of shelves) shelf.from = 0;
      walk?.restart();
    },
  };
}

function decisionOn(found: Pending | null): Decision | null {
  return found === null ? null : { literal: found.possible[0] ?? 0, clause: found.stored.clause };
}

function shelfOf(shelves: Shelf[], rank: number): Shelf {
  const at = shelves.findIndex((shelf) => shelf.rank >= rank);
  const found = shelves[at];
  if (found?.rank === rank) return found;
  const made: Shelf = { rank, clauses: [], from: 0 };
  shelves.splice(at < 0 ? shelves.length : at, 0, made);
  return made;
}

function rankOf({ clause, owner }: StoredClause): number {
  if (clause.soft !== null) return clause.soft;
  return owner === 0 ? ROOTS : REQUIRED;
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
