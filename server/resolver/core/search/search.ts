import type { Clause, SearchModel } from '../search-model.ts';
import { type Agenda, createAgenda, type Discipline } from './agenda.ts';
import { learn } from './learn.ts';
import { reachedFromRoots } from './reach.ts';
import { createRoom, type SearchRoom } from './room.ts';
import {
  addClause,
  backTo,
  createState,
  decide,
  leaveRoom,
  propagate,
  type SearchState,
} from './state.ts';
import { conflictingClauses } from './unsolvable.ts';

export interface SearchOptions {
  /** In which order clauses are decided: a common one, or the family's own. */
  discipline: Discipline | ((state: SearchState) => Agenda);
  /** Conflicts after which the search gives up. */
  budget: number;
  /** False: soft clauses are as if they were not there. */
  soft: boolean;
  /** True: what was chosen stays though nothing needs it any more. Absent: it is left out. */
  keepsAll?: boolean;
  /** What the search works in, where many searches follow each other. Absent: its own. */
  room?: SearchRoom;
}

export type SearchResult = Solved | Unsolvable | { kind: 'gave-up'; conflicts: number };

export interface Solved {
  kind: 'solved';
  /**
   * Every true variable with the clause that made it true, in the order in which they are reached from the roots: hard
   * clauses first, then soft ones. The clause's other variables that are true stand before it.
   */
  because: ReadonlyMap<number, Clause>;
  conflicts: number;
}

export interface Unsolvable {
  kind: 'unsolvable';
  /** Hard clauses that cannot hold together; few, not fewest (`minimalCore`). */
  clauses: Clause[];
  conflicts: number;
}

/**
 * Finds an assignment in which every hard clause holds, and each soft one that the decisions before it allow. Decisions
 * follow the order of preference of the literals, so the same model always has the same answer. Variables that no clause
 * needs stay false.
 */
export function search(model: SearchModel, options: SearchOptions): SearchResult {
  const room = options.room ?? createRoom(0);
  const state = createState(model, room);
  const result = searchIn(state, options);
  leaveRoom(state, room);
  return result;
}

function searchIn(state: SearchState, options: SearchOptions): SearchResult {
  const { model } = state;
  const { discipline } = options;
  const agenda =
    typeof discipline === 'function' ? discipline(state) : createAgenda(discipline, state);
  state.onClause = agenda.add;
  let conflict = addRoots(model, state, options.soft);
  let conflicts = 0;
  for (;;) {
    if (conflict < 0) conflict = propagate(state, options.soft);
    if (conflict >= 0) {
      conflicts += 1;
      if (state.starts.length === 0)
        return { kind: 'unsolvable', clauses: conflictingClauses(state, conflict), conflicts };
      if (conflicts > options.budget) return { kind: 'gave-up', conflicts };
      conflict = recover(state, agenda, conflict);
    } else if (!decideNext(state, agenda)) {
      const because = reachedFromRoots(state);
      if (options.keepsAll) addUnreached(state, because);
      return { kind: 'solved', because, conflicts };
    }
  }
}

function addRoots(model: SearchModel, state: SearchState, soft: boolean): number {
  let conflict = -1;
  for (const clause of model.roots()) {
    if (clause.soft !== null && !soft) continue;
    const found = addClause(state, clause, 0);
    if (conflict < 0) conflict = found;
  }
  return conflict;
}

/** Learns from a conflict and goes back to where the lesson bites. */
function recover(state: SearchState, agenda: Agenda, conflict: number): number {
  const lesson = learn(state, conflict);
  backTo(state, lesson.level);
  agenda.wentBack();
  return addClause(state, lesson.clause, -1, lesson.origins);
}

/** What nothing needs stands last, with the clause for which it was chosen. */
function addUnreached(state: SearchState, because: Map<number, Clause>): void {
  for (const variable of state.trail) {
    if (variable < 0 || because.has(variable)) continue;
    const reason = state.clauses[state.reasons[variable] ?? -1];
    const isOwn = reason !== undefined && reason.owner >= 0;
    const clause = isOwn ? reason.clause : state.served[(state.levels[variable] ?? 0) - 1];
    if (clause !== undefined) because.set(variable, clause);
  }
}

function decideNext(state: SearchState, agenda: Agenda): boolean {
  const decision = agenda.next();
  if (decision === null) return false;
  if (decision.level !== undefined) {
    backTo(state, decision.level);
    agenda.wentBack();
  }
  decide(state, decision.literal, decision.clause);
  return true;
}
