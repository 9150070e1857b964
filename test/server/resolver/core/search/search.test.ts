import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Discipline } from '../../../../../server/resolver/core/search/agenda.ts';
import { search } from '../../../../../server/resolver/core/search/search.ts';
import type { Clause, SearchModel } from '../../../../../server/resolver/core/search-model.ts';
import { canHold, hard, holds, modelOf, soft } from './brute-force.ts';

const disciplines: Discipline[] = ['unit-first', 'in-order', 'depth-first'];
const options = { discipline: 'unit-first' as Discipline, budget: 1000, soft: true };

function chosen(model: SearchModel, discipline: Discipline = 'unit-first'): number[] {
  const result = search(model, { ...options, discipline });
  if (result.kind !== 'solved') throw new Error(result.kind);
  return [...result.because.keys()].sort((a, b) => a - b);
}

describe('what the search prefers', () => {
  it('takes the first alternative, and the next where the first is impossible', () => {
    expect(chosen(modelOf([hard(1)], [hard(-1, 2, 3)]))).toEqual([1, 2]);
    expect(chosen(modelOf([hard(1)], [hard(-1, 2, 3), hard(-2, -1)]))).toEqual([1, 3]);
    expect(chosen(modelOf([hard(1)], [hard(-1, 2, 3), hard(-2, 4), hard(-4, -1)]))).toEqual([1, 3]);
  });

  it('decides late what comes anyway, unless it goes depth first', () => {
    const model = modelOf([hard(1)], [hard(-1, 2, 3), hard(-1, 3)]);
    expect(chosen(model)).toEqual([1, 3]);
    expect(
      chosen(modelOf([hard(1), hard(5)], [hard(-1, 2, 3), hard(-5, 6, 7), hard(-6, 3)])),
    ).toEqual([1, 2, 3, 5, 6]);
    expect(
      chosen(
        modelOf([hard(1), hard(5)], [hard(-1, 2, 3), hard(-2, 8, 9), hard(-5, 9)]),
        'depth-first',
      ),
    ).toEqual([1, 2, 5, 9]);
  });

  it('decides first where fewest alternatives are left', () => {
    const model = modelOf([hard(1)], [hard(-1, 2, 3, 4), hard(-1, 4, 5)]);
    expect(chosen(model)).toEqual([1, 4]);
    expect(chosen(model, 'in-order')).toEqual([1, 2, 4]);
  });

  it('goes depth first: what the first choice brings comes before its sibling', () => {
    const model = modelOf([hard(1)], [hard(-1, 2, 3), hard(-1, 4, 5), hard(-2, 5, 6)]);
    expect(chosen(model, 'depth-first')).toEqual([1, 2, 5]);
    expect(chosen(model, 'in-order')).toEqual([1, 2, 4, 5]);
  });

  it('decides as the family says, goes back where it says so, and keeps what nothing needs', () => {
    const need = hard(-1, 2, 3);
    const model = modelOf([hard(1)], [need]);
    const orders = [
      { literal: 2, clause: need },
      { literal: 3, clause: need, level: 0 },
      { literal: 5, clause: need },
    ];
    const discipline = () => ({
      ...{ add: () => {}, wentBack: () => {} },
      next: () => orders.shift() ?? null,
    });
    const result = search(model, { ...options, discipline, keepsAll: true });
    expect(result.kind === 'solved' && [...result.because.keys()]).toEqual([1, 3, 5]);
  });
});

describe('soft clauses', () => {
  it('are followed where they can be and given up where they cannot', () => {
    for (const discipline of disciplines) {
      expect(chosen(modelOf([hard(1)], [soft(0, -1, 2)]), discipline)).toEqual([1, 2]);
      expect(chosen(modelOf([hard(1)], [soft(0, -1, 2), hard(-2, -1)]), discipline)).toEqual([1]);
      expect(
        chosen(modelOf([hard(1)], [soft(0, -1, 2), hard(-2, 3), hard(-3, -1)]), discipline),
      ).toEqual([1]);
    }
  });

  it('of a higher level give way to those of a lower one', () => {
    const conflict = hard(-2, -3);
    expect(chosen(modelOf([hard(1)], [soft(1, -1, 2), soft(0, -1, 3), conflict]))).toEqual([1, 3]);
    expect(chosen(modelOf([hard(1)], [soft(0, -1, 2), soft(1, -1, 3), conflict]))).toEqual([1, 2]);
  });

  it('of a negative level come before the choices of required ones', () => {
    const keep = soft(-1, 3);
    expect(chosen(modelOf([hard(1), keep], [hard(-1, 2, 3)]))).toEqual([1, 3]);
    expect(chosen(modelOf([hard(1), soft(0, 3)], [hard(-1, 2, 3)]))).toEqual([1, 2, 3]);
  });

  it('may ask for something not to be', () => {
    expect(chosen(modelOf([hard(1), soft(-1, -2)], [hard(-1, 2, 3)]))).toEqual([1, 3]);
    expect(chosen(modelOf([hard(1), soft(-1, -2)], [hard(-1, 2)]))).toEqual([1, 2]);
  });

  it('do not count when that is asked for', () => {
    const result = search(modelOf([hard(1)], [soft(0, -1, 2)]), { ...options, soft: false });
    expect(result).toMatchObject({ kind: 'solved' });
    if (result.kind === 'solved') expect([...result.because.keys()]).toEqual([1]);
  });
});

describe('reasons and conflicts', () => {
  it('names the clause that needs each variable, from the roots on', () => {
    const [want, needs, adds] = [hard(1), hard(-1, 2), soft(0, -2, 3)];
    const result = search(modelOf([want], [needs, adds]), options);
    if (result.kind !== 'solved') throw new Error(result.kind);
    expect([...result.because]).toEqual([
      [1, want],
      [2, needs],
      [3, adds],
    ]);
  });

  it('names the clauses of a conflict and no bystanders', () => {
    const guilty = [hard(1), hard(-1, 2, 3), hard(-2, -1), hard(-3, -1)];
    const result = search(
      modelOf([hard(9), ...guilty.slice(0, 1)], [hard(-9, 8), ...guilty.slice(1)]),
      options,
    );
    if (result.kind !== 'unsolvable') throw new Error(result.kind);
    expect(new Set(result.clauses)).toEqual(new Set(guilty));
  });

  it('gives up when the budget of conflicts is used', () => {
    // Four pigeons, three holes.
    const hole = (pigeon: number, at: number) => pigeon * 3 + at + 1;
    const pigeons = [0, 1, 2, 3];
    const sits = pigeons.map((pigeon) => hard(...[0, 1, 2].map((at) => hole(pigeon, at))));
    const alone = pigeons.flatMap((a) =>
      pigeons
        .filter((b) => b > a)
        .flatMap((b) => [0, 1, 2].map((at) => hard(-hole(a, at), -hole(b, at)))),
    );
    const model = modelOf([...sits, ...alone]);
    expect(search(model, { ...options, budget: 1 })).toMatchObject({ kind: 'gave-up' });
    expect(search(model, options)).toMatchObject({ kind: 'unsolvable' });
  });
});

const VARIABLES = 7;
const literal = fc
  .tuple(fc.integer({ min: 1, max: VARIABLES }), fc.boolean())
  .map(([variable, isPositive]) => (isPositive ? variable : -variable));
const clause = fc.uniqueArray(literal, { minLength: 1, maxLength: 3, selector: Math.abs });
const instance = fc.record({
  roots: fc.array(
    fc.uniqueArray(fc.integer({ min: 1, max: VARIABLES }), { minLength: 1, maxLength: 2 }),
    {
      maxLength: 3,
    },
  ),
  others: fc.array(
    fc
      .tuple(fc.integer({ min: 1, max: VARIABLES }), clause)
      .map(([owner, rest]) => [-owner, ...rest.filter((other) => Math.abs(other) !== owner)]),
    { maxLength: 25 },
  ),
  softs: fc.array(clause, { maxLength: 3 }),
});

describe('against all assignments', () => {
  it.each(disciplines)('%s finds an answer if there is one, and it holds', (discipline) => {
    fc.assert(
      fc.property(instance, ({ roots, others, softs }) => {
        const clauses = [...roots, ...others].map((literals) => hard(...literals));
        const [rootClauses, rest] = [clauses.slice(0, roots.length), clauses.slice(roots.length)];
        const wishes = softs.map((literals, level) => soft(level - 1, ...literals));
        const result = search(modelOf([...rootClauses, ...wishes], rest), {
          discipline,
          budget: 10_000,
          soft: true,
        });
        if (result.kind === 'unsolvable') {
          expect(canHold(clauses, VARIABLES)).toBe(false);
          expect(canHold(result.clauses, VARIABLES)).toBe(false);
          return;
        }
        if (result.kind !== 'solved') throw new Error(result.kind);
        for (const one of clauses)
          expect(holds(one, (variable) => result.because.has(variable))).toBe(true);
        expectSupport(result.because);
      }),
      { numRuns: 2000 },
    );
  });
});

/** Each reason's conditions come before what it makes true. */
function expectSupport(because: ReadonlyMap<number, Clause>): void {
  const before = new Set<number>();
  for (const [variable, reason] of because) {
    expect([...reason.literals]).toContain(variable);
    for (const condition of reason.literals)
      if (condition < 0) expect(before).toContain(-condition);
    before.add(variable);
  }
}
