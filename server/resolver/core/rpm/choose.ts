import type { Clause } from '../search-model.ts';
import type { Facts } from './model.ts';
import type { Plan } from './plan.ts';
import { narrowed, preferred } from './policy.ts';
import type { Pool } from './pool.ts';
import { isAskedFor, isMet } from './weak.ts';

/** The packages worth trying for a clause, the best first, given what is chosen already. */
export function createChooser(
  pool: Pool,
  plan: Plan,
  facts: Facts,
): (
  clause: Clause,
  possible: readonly number[],
  holds: (id: number) => boolean,
) => readonly number[] {
  const standing = { favored: plan.favored, disfavored: plan.disfavored };
  const best = (ids: readonly number[], holds: (id: number) => boolean): readonly number[] =>
    preferred(pool, ids, { ...standing, holds });
  const ownFirst = (ids: readonly number[]): number[] => {
    const own = narrowed(ids, (id) => isSuccessor(pool, plan, id));
    return plan.settings.focus === 'new' ? narrowed(own, (id) => pool.isInstalled(id)) : own;
  };
  return (clause, possible, holds) => {
    const allowed = narrowed(possible, (id) => plan.ban(id) === null);
    switch (facts.of(clause).kind) {
      case 'stays':
      case 'supplements':
        return allowed.slice(0, 1);
      case 'needs':
        return best(ownFirst(allowed), holds);
      default:
        return best(
          narrowed(allowed, (id) => pool.isInstalled(id)),
          holds,
        );
    }
  };
}

/** What is installed, or may take the place of an installed package. */
export function isSuccessor(pool: Pool, plan: Plan, id: number): boolean {
  return pool.isInstalled(id) || plan.successors.has(id);
}

/**
 * Weak dependencies of what is new are not followed where an installed package that stays asks for the same: what it asked
 * for was left out of the device on purpose.
 */
export function createWaiver(
  pool: Pool,
  plan: Plan,
  facts: Facts,
): (clause: Clause, possible: readonly number[], holds: (id: number) => boolean) => boolean {
  return (clause, possible, holds) => {
    if (plan.settings.recommendsOfInstalled || pool.installed.length === 0) return false;
    const stays = (id: number): boolean => pool.isInstalled(id) && holds(id);
    const fact = facts.of(clause);
    if (fact.kind === 'supplements') return isMet(pool, fact.relation, stays);
    if (fact.kind !== 'needs' || fact.relationKind !== 'recommends') return false;
    return possible.every((id) => isAskedFor(pool, id, 'recommends', stays));
  };
}
