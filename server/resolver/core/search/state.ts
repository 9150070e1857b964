import type { Clause, SearchModel } from '../search-model.ts';
import { createRoom, growRoom, type SearchRoom } from './room.ts';

/** A clause with its literals in the order that watching needs: the first two are watched. */
export interface StoredClause {
  clause: Clause;
  literals: Int32Array;
  /** The variable that brought it, 0: a root, -1: learned. */
  owner: number;
  /** Of a learned one: the clauses and the variables of level 0 that it was derived from. */
  origins: Origins | null;
}

export interface Origins {
  clauses: number[];
  variables: number[];
}

/** What is assigned, why, and which clauses are known. Variables grow as they are met. */
export interface SearchState extends SearchRoom {
  model: SearchModel;
  /** Variables whose clauses were asked for. */
  found: number[];
  /** Literals that hold, in the order of assignment, and where each decision level begins. */
  trail: number[];
  starts: number[];
  /** By decision level, from 0 on for the first: the clause that the decision serves. */
  served: Clause[];
  head: number;
  clauses: StoredClause[];
  /** By literal: clauses that watch it. Most variables of a large model are never met. */
  watchers: Map<number, number[]>;
  /** Told of every clause that is not learned. */
  onClause: (index: number) => void;
}

/** A search that begins; what it leaves in the room is cleared by `leaveRoom`. */
export function createState(model: SearchModel, room: SearchRoom = createRoom(256)): SearchState {
  return {
    ...room,
    model,
    found: [],
    trail: [],
    starts: [],
    served: [],
    head: 0,
    clauses: [],
    watchers: new Map(),
    onClause: () => {},
  };
}

/** Gives the room back as if nothing had been in it; of no use to the search any more. */
export function leaveRoom(state: SearchState, room: SearchRoom): void {
  for (const literal of state.trail) state.values[Math.abs(literal)] = 0;
  for (const variable of state.found) state.discovered[variable] = 0;
  const { values, levels, reasons, discovered } = state;
  Object.assign(room, { values, levels, reasons, discovered });
}

/** 1 if the literal holds, -1 if its negative does, 0 if neither. */
export function truthOf(state: SearchState, literal: number): number {
  return literal > 0 ? (state.values[literal] ?? 0) : -(state.values[-literal] ?? 0);
}

/**
 * Adds a clause and, if only one of its literals can hold, asserts that one. Soft clauses force nothing.
 * Returns the clause's index if none can hold, else -1.
 */
export function addClause(
  state: SearchState,
  clause: Clause,
  owner: number,
  origins: Origins | null = null,
): number {
  const index = state.clauses.length;
  const literals = clause.soft === null ? clause.literals.slice() : clause.literals;
  state.clauses.push({ clause, literals, owner, origins });
  let most = 0;
  for (const literal of literals) most = Math.max(most, literal, -literal);
  if (most >= state.values.length) growRoom(state, most);
  if (owner >= 0) state.onClause(index);
  return clause.soft === null ? watch(state, index, literals) : -1;
}

function watch(state: SearchState, index: number, literals: Int32Array): number {
  moveBestTo(state, literals, 0);
  moveBestTo(state, literals, 1);
  for (let at = 0; at < Math.min(2, literals.length); at += 1)
    watchersOf(state, literals[at] ?? 0).push(index);
  const first = literals[0];
  if (first === undefined || truthOf(state, first) < 0) return index;
  const second = literals[1];
  if (truthOf(state, first) === 0 && (second === undefined || truthOf(state, second) < 0))
    assign(state, first, index);
  return -1;
}

/** Best to watch is what holds or is open; of what is false, what became so last. */
function moveBestTo(state: SearchState, literals: Int32Array, place: number): void {
  let best = place;
  let bestRank = -1;
  for (let at = place; at < literals.length; at += 1) {
    const literal = literals[at] ?? 0;
    const isFalse = truthOf(state, literal) < 0;
    const rank = isFalse ? (state.levels[Math.abs(literal)] ?? 0) : 0x7fffffff;
    if (rank > bestRank) {
      best = at;
      bestRank = rank;
    }
  }
  if (best !== place) swap(literals, best, place);
}

/** Makes the literal hold at a new decision level. */
export function decide(state: SearchState, literal: number, served: Clause): void {
  state.starts.push(state.trail.length);
  state.served.push(served);
  assign(state, literal, -1);
}

function assign(state: SearchState, literal: number, reason: number): void {
  const variable = Math.abs(literal);
  state.values[variable] = literal > 0 ? 1 : -1;
  state.levels[variable] = state.starts.length;
  state.reasons[variable] = reason;
  state.trail.push(literal);
}

/** Undoes all decisions above `level`. */
export function backTo(state: SearchState, level: number): void {
  const length = state.starts[level] ?? state.trail.length;
  for (let at = length; at < state.trail.length; at += 1)
    state.values[Math.abs(state.trail[at] ?? 0)] = 0;
  state.trail.length = length;
  state.starts.length = level;
  state.served.length = level;
  state.head = Math.min(state.head, length);
}

/** Follows what the assignments force until nothing is left; returns a clause that cannot hold, or -1. */
export function propagate(state: SearchState, soft: boolean): number {
  while (state.head < state.trail.length) {
    const literal = state.trail[state.head] ?? 0;
    state.head += 1;
    const conflict = literal > 0 ? discover(state, literal, soft) : -1;
    if (conflict >= 0) return conflict;
    const failed = visitWatchers(state, -literal);
    if (failed >= 0) return failed;
  }
  return -1;
}

function discover(state: SearchState, variable: number, soft: boolean): number {
  if (state.discovered[variable]) return -1;
  state.discovered[variable] = 1;
  state.found.push(variable);
  let conflict = -1;
  for (const clause of state.model.clausesOf(variable)) {
    if (clause.soft !== null && !soft) continue;
    const found = addClause(state, clause, variable);
    if (conflict < 0) conflict = found;
  }
  return conflict;
}

function visitWatchers(state: SearchState, failed: number): number {
  const list = state.watchers.get(failed);
  if (list === undefined) return -1;
  let kept = 0;
  let conflict = -1;
  for (let at = 0; at < list.length; at += 1) {
    const index = list[at] ?? 0;
    if (conflict < 0 && watchAnother(state, index, failed)) continue;
    list[kept] = index;
    kept += 1;
    if (conflict < 0) conflict = settle(state, index);
  }
  list.length = kept;
  return conflict;
}

/** Puts the failed literal second; true if another literal could be watched in its place. */
function watchAnother(state: SearchState, index: number, failed: number): boolean {
  const literals = state.clauses[index]?.literals;
  if (literals === undefined) return false;
  if (literals[0] === failed && literals.length > 1) swap(literals, 0, 1);
  if (truthOf(state, literals[0] ?? 0) > 0) return false;
  for (let at = 2; at < literals.length; at += 1) {
    const literal = literals[at] ?? 0;
    if (truthOf(state, literal) < 0) continue;
    swap(literals, 1, at);
    watchersOf(state, literal).push(index);
    return true;
  }
  return false;
}

/** Asserts the first literal of a clause whose others are false; returns the clause if that cannot be. */
function settle(state: SearchState, index: number): number {
  const first = state.clauses[index]?.literals[0] ?? 0;
  const value = truthOf(state, first);
  if (value < 0) return index;
  if (value === 0) assign(state, first, index);
  return -1;
}

function watchersOf(state: SearchState, literal: number): number[] {
  let list = state.watchers.get(literal);
  if (list === undefined) {
    list = [];
    state.watchers.set(literal, list);
  }
  return list;
}

function swap(literals: Int32Array, a: number, b: number): void {
  const moved = literals[a] ?? 0;
  literals[a] = literals[b] ?? 0;
  literals[b] = moved;
}
