import type { Clause } from '../search-model.ts';
import type { RpmModel } from './model.ts';
import type { Plan } from './plan.ts';
import type { Pool } from './pool.ts';
import { met } from './rich.ts';
import { attempt, type Parts, type Solving } from './solve.ts';
import { isMet } from './weak.ts';

/** As many unmet recommendations are tried. */
const MAX_TRIES = 100;

/**
 * Meets, one after the other, the recommendations of new packages that an answer leaves unmet and that can be met by other
 * choices; gives the last answer.
 */
export function withRecommended(
  solving: Solving,
  parts: Parts,
  because: ReadonlyMap<number, Clause>,
  budget: number,
): ReadonlyMap<number, Clause> {
  const { pool, plan, model } = solving;
  let answer = because;
  let required: readonly Clause[] = parts.wants;
  for (const { id, clauses } of unmetIn(pool, plan, model, because).slice(0, MAX_TRIES)) {
    const wants = [...required, ...clauses];
    const result = attempt(solving, { ...parts, wants }, budget);
    if (!result?.has(id)) continue;
    answer = result;
    required = wants;
  }
  return answer;
}

function unmetIn(
  pool: Pool,
  plan: Plan,
  model: RpmModel,
  because: ReadonlyMap<number, Clause>,
): { id: number; clauses: Clause[] }[] {
  const fresh = [...because.keys()].filter(
    (id) => !pool.isInstalled(id) && plan.settings.follows(id),
  );
  return fresh.flatMap((id) =>
    pool
      .relations(id, 'recommends')
      .filter((relation) => !isMet(pool, relation, (one) => because.has(one)))
      .map((relation) => ({
        id,
        clauses: met(pool, relation).map((literals) =>
          model.facts.hard({ kind: 'needs', id, relationKind: 'recommends', relation }, literals),
        ),
      })),
  );
}
