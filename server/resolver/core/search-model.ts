/**
 * What the conflict-driven search knows of a family. Variables are numbers from 1 on; a literal is a variable or its
 * negative, which means "not". Clauses are discovered when a variable becomes true, so that only what is touched is built.
 */
export interface SearchModel {
  /** Clauses that hold from the start: the wants. */
  roots(): readonly Clause[];
  /** Clauses that a variable brings with it once it is true; asked once per variable. Each must contain its negative, or be soft. */
  clausesOf(variable: number): readonly Clause[];
  /**
   * The literals that are worth trying for a clause that nothing satisfies yet, the best first, where that depends on what
   * is chosen already; `possible` are its open positive literals in order of preference. Absent: the first alone.
   */
  choose?(
    clause: Clause,
    possible: readonly number[],
    holds: (variable: number) => boolean,
  ): readonly number[];
  /** Whether a soft clause is not to be followed, given what is chosen when it would be decided. Absent: none. */
  waives?(
    clause: Clause,
    possible: readonly number[],
    holds: (variable: number) => boolean,
  ): boolean;
  /** For the discipline `in-turn`: clauses of variables with a higher turn are decided before others. */
  turn?(variable: number): number;
}

/** At least one literal must hold. */
export interface Clause {
  /**
   * Positive literals in order of preference: the search takes the first that is possible. Negatives come first; in a soft
   * clause one that stands after the positives is what to do when none of these is possible.
   */
  literals: Int32Array;
  /** Soft clauses are given up before anything else, those of the highest level first; null: must hold. */
  soft: number | null;
  /** Of a clause that must hold: its choice is made as late as that of a soft clause of this level. Absent: with its like. */
  late?: number;
  /** Opaque to the search: what the family needs to say this clause in a sentence. */
  origin: number;
}
