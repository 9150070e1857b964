import { isInferiorArch } from './bans.ts';
import type { Plan } from './plan.ts';
import type { Pool } from './pool.ts';
import { isArchChange, updatesOf } from './updates.ts';

/**
 * Of the packages that meet a need: those that are installed or take the place of something installed, where others would
 * meet it too. Null if there is nothing to prefer: no such package, or none but such, or whatever becomes of the installed
 * ones meets the need anyway.
 */
export function preferredToMeet(
  pool: Pool,
  plan: Plan,
  needing: number,
  candidates: readonly number[],
): readonly number[] | null {
  const isThere = pool.isInstalled(needing);
  if (isThere && (plan.places.get(needing)?.rule.length ?? 0) < 2) return null;
  const own: number[] = [];
  const replaced = new Set<number>();
  let hasOthers = false;
  for (const id of candidates) {
    const isBeside = plan.multiversion.has(id) && !pool.isInstalled(id);
    const old = pool.isInstalled(id) ? id : isBeside ? null : replacedBy(pool, id);
    if (old === null) hasOthers = true;
    else if (old === id || isEligible(pool, plan, old, id)) {
      if (old !== id || isThere) replaced.add(old);
      own.push(id);
    }
  }
  if (!hasOthers || own.length === 0) return null;
  const mayLeave = (old: number): boolean =>
    (plan.places.get(old)?.rule ?? [old, ...updatesOf(pool, old, plan.settings)]).some(
      (one) => !candidates.includes(one),
    );
  return [...replaced].some(mayLeave) ? own : null;
}

/** The installed package that would make room: one of the name, or one that is obsoleted. */
function replacedBy(pool: Pool, id: number): number | null {
  const namesake = pool
    .named(pool.name(id))
    .find((other) => pool.isInstalled(other) && !isArchChange(pool, id, other));
  if (namesake !== undefined) return namesake;
  for (const relation of pool.relations(id, 'obsoletes')) {
    if (relation.kind !== 'plain') continue;
    const old = pool
      .named(relation.name)
      .find((other) => pool.isInstalled(other) && pool.isWithin(other, relation));
    if (old !== undefined) return old;
  }
  return null;
}

function isEligible(pool: Pool, plan: Plan, old: number, id: number): boolean {
  if (!plan.settings.multilib && isInferiorArch(pool, id, plan.upgrades)) return false;
  const { allowDowngrade, allowArchChange } = plan.settings;
  return (
    (allowArchChange || !isArchChange(pool, old, id)) &&
    (allowDowngrade ||
      pool.name(old) !== pool.name(id) ||
      pool.flavour.compare(pool.version(id), pool.version(old)) >= 0)
  );
}
