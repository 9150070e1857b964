import type { Clause, SearchModel } from '../../../../../server/resolver/core/search-model.ts';

export const hard = (...literals: number[]): Clause => ({
  literals: Int32Array.from(literals),
  soft: null,
  origin: 0,
});
export const soft = (level: number, ...literals: number[]): Clause => ({
  literals: Int32Array.from(literals),
  soft: level,
  origin: 0,
});

/** A model whose roots are the clauses without a negative; each other belongs to its first negative. */
export function modelOf(roots: readonly Clause[], others: readonly Clause[] = []): SearchModel {
  return {
    roots: () => roots,
    clausesOf: (variable) =>
      others.filter((clause) => clause.literals.find((literal) => literal < 0) === -variable),
  };
}

export function holds(clause: Clause, isTrue: (variable: number) => boolean): boolean {
  return clause.literals.some((literal) => isTrue(Math.abs(literal)) === literal > 0);
}

/** Whether some assignment of variables 1 to `count` lets all clauses hold. */
export function canHold(clauses: readonly Clause[], count: number): boolean {
  for (let bits = 0; bits < 1 << count; bits += 1)
    if (
      clauses.every((clause) => holds(clause, (variable) => ((bits >> (variable - 1)) & 1) === 1))
    )
      return true;
  return false;
}
