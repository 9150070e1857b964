/**
 * What the conflict-driven search knows of a family. Variables are numbers from 1 on; a literal is a variable or its
 * negative, which means "not". Clauses are discovered when a variable becomes true, so that only what is touched is built.
 */
export interface SearchModel {
  /** Clauses that hold from the start: the wants. */
  roots(): readonly Clause[];
  /** Clauses that a variable brings with it once it is true; asked once per variable. Each must contain its negative, or be soft. */
  clausesOf(variable: number): readonly Clause[];
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
  /** Opaque to the search: what the family needs to say this clause in a sentence. */
  origin: number;
}
