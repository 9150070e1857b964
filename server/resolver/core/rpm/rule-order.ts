import type { Clause } from '../search-model.ts';
import type { RpmModel } from './model.ts';
import type { Pool } from './pool.ts';

/**
 * The order in which libsolv keeps its rules: what packages need and cannot stand, the package with the highest number
 * first, then by the other packages named; what becomes of installed packages; the jobs; the best of them; what replaces
 * together; what narrows a need to installed packages and their updates, in the order of the needs.
 */
export function createRuleOrder(pool: Pool, model: RpmModel): (a: Clause, b: Clause) => number {
  const order = (literal: number): number =>
    literal > 0 ? pool.order(literal) : -pool.order(-literal);
  const known = new WeakMap<Clause, readonly number[]>();

  function keyOf(clause: Clause): readonly number[] {
    let key = known.get(clause);
    if (key === undefined) {
      const origin = model.originOf(clause);
      const [group, ...rest] = plainKey(origin ?? clause);
      key = [origin === null ? (group ?? 0) : LAST, ...rest];
      known.set(clause, key);
    }
    return key;
  }

  function plainKey(clause: Clause): readonly number[] {
    const literals = [...clause.literals];
    const owner = literals.reduce((least, one) => Math.min(least, order(one)), 0);
    const at = literals.findIndex((one) => order(one) === owner && one < 0);
    const others = literals.filter((_, index) => index !== at);
    return [groups[model.facts.of(clause).kind] ?? 0, at < 0 ? 0 : owner, ...others.map(order)];
  }

  return (a, b) => compareKeys(keyOf(a), keyOf(b));
}

const groups: Readonly<Record<string, number>> = { stays: 1, wanted: 2, best: 3, split: 4 };
const LAST = 5;

function compareKeys(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
