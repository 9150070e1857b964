import type { Clause } from '../search-model.ts';
import { search } from './search.ts';

/**
 * A subset of clauses that cannot hold together, from which none can be left out. `clauses` are a conflict as `search`
 * gives it. Drops chunks of half the size each round, then single ones: few tries where the conflict is small. A try
 * that exceeds `budget` conflicts counts as possible, so the subset stays a conflict.
 */
export function minimalCore(clauses: readonly Clause[], budget: number): Clause[] {
  let core = [...clauses];
  for (let chunk = Math.ceil(core.length / 2); chunk >= 1; chunk = nextChunk(chunk)) {
    for (let at = 0; at < core.length; ) {
      const without = [...core.slice(0, at), ...core.slice(at + chunk)];
      const smaller = conflictWithin(without, budget);
      if (smaller === null) at += chunk;
      else core = core.filter((clause) => smaller.has(clause));
    }
  }
  return core;
}

const nextChunk = (chunk: number): number => (chunk === 1 ? 0 : Math.ceil(chunk / 2));

function conflictWithin(clauses: readonly Clause[], budget: number): ReadonlySet<Clause> | null {
  const model = { roots: () => clauses, clausesOf: () => [] };
  const result = search(model, { discipline: 'in-order', budget, soft: false });
  return result.kind === 'unsolvable' ? new Set(result.clauses) : null;
}
