import type { Clause } from '../search-model.ts';
import { levels } from './levels.ts';
import type { Facts } from './model.ts';
import type { Plan } from './plan.ts';
import { ranked } from './policy.ts';
import type { Pool } from './pool.ts';
import { met, unmet } from './rich.ts';
import { namesOf } from './weak.ts';

/** The wishes that a package brings: what it recommends, and what supplements it. */
export function createWeakClauses(pool: Pool, plan: Plan, facts: Facts): (id: number) => Clause[] {
  const { settings } = plan;
  const standing = { favored: plan.favored, disfavored: plan.disfavored, holds: () => false };
  const mayBeAdded = (id: number): boolean =>
    pool.isInstalled(id) || !plan.excludedFromWeak.has(id);

  function recommended(id: number): Clause[] {
    if (pool.isInstalled(id) && !settings.recommendsOfInstalled) return [];
    if (!settings.follows(id) && !pool.name(id).startsWith('@')) return [];
    return pool.relations(id, 'recommends').flatMap((relation) =>
      met(pool, relation)
        .filter((literals) => !literals.includes(id))
        .map((literals) => literals.filter((one) => one < 0 || mayBeAdded(one)))
        .filter((literals) => literals.some((one) => one > 0))
        .map((literals) =>
          facts.soft(
            levels.recommends,
            { kind: 'needs', id, relationKind: 'recommends', relation },
            [-id, ...literals.filter((one) => one < 0), ...literals.filter((one) => one > 0)],
          ),
        ),
    );
  }

  function supplementing(id: number): Clause[] {
    const others = new Set(
      [...namesOf(pool, id), ...ownedPaths(pool, id)].flatMap((name) =>
        pool.mentioning('supplements', name),
      ),
    );
    const fit = [...others].filter(
      (other) =>
        !pool.isInstalled(other) &&
        plan.ban(other) === null &&
        mayBeAdded(other) &&
        settings.follows(other),
    );
    return ranked(pool, fit, standing).flatMap((other) => supplementsOf(other, id));
  }

  /** The condition's packages stand before the supplement, so that they are not chosen for its sake. */
  function supplementsOf(other: number, id: number): Clause[] {
    return pool.relations(other, 'supplements').flatMap((relation) =>
      conditions(relation)
        .filter((literals) => literals.includes(-id))
        .map((literals) =>
          facts.soft(levels.supplements, { kind: 'supplements', id: other, relation }, [
            ...literals.filter((one) => one < 0),
            other,
          ]),
        ),
    );
  }

  const conditions = (relation: Parameters<typeof unmet>[1]): readonly (readonly number[])[] =>
    unmet(pool, relation);

  return (id) => (settings.prerequisites ? [...recommended(id), ...supplementing(id)] : []);
}

function ownedPaths(pool: Pool, id: number): readonly string[] {
  return pool.files(id);
}
