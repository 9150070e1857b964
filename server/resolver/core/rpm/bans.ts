import type { Ban } from './fact.ts';
import type { Job, Settings } from './job.ts';
import type { Pool } from './pool.ts';
import { select } from './select.ts';
import { standsInSources, type Upgrades } from './upgrades.ts';

/** Says of a package why it must not be in the answer whatever else is, or null. */
export function createBans(
  pool: Pool,
  jobs: readonly Job[],
  settings: Settings,
  upgrades: Upgrades,
  refuse: (id: number) => boolean,
): (id: number) => Ban | null {
  const chosenBy = (test: (job: Job) => boolean): Set<number> =>
    new Set(jobs.flatMap((job) => (test(job) ? select(pool, job.selection) : [])));
  const erased = chosenBy(({ action }) => action === 'erase');
  const locked = chosenBy(({ action }) => action === 'lock');
  const blacklisted = chosenBy(({ action }) => action === 'blacklist');
  const asked = chosenBy(
    (job) => job.action === 'install' && (job.setsVersion ?? job.selection.kind === 'packages'),
  );
  const askedArch = chosenBy(
    (job) => job.action === 'install' && (job.setsArch ?? job.selection.kind === 'packages'),
  );
  const multiversion = chosenBy(({ action }) => action === 'multiversion');
  const targets = targetsByName(pool, upgrades);

  function banOfInstalled(id: number): Ban | null {
    if (erased.has(id)) return 'erased';
    if (locked.has(id) || multiversion.has(id)) return null;
    const dup = upgrades.dup.get(id);
    if (dup === undefined) return null;
    const found = standsInSources(pool, id, (other) => dup.targets?.has(other) ?? true);
    return found.name && !found.itself ? 'replaced' : null;
  }

  function banOfSources(id: number): Ban | null {
    if (pool.archRank(id) === null) return 'arch';
    if (erased.has(id)) return 'erased';
    if (locked.has(id)) return 'locked';
    if (refuse(id)) return 'refused';
    if (blacklisted.has(id) && !asked.has(id) && !updatesBlacklisted(id)) return 'blacklisted';
    if (settings.strictPriority && !asked.has(id) && isOutranked(pool, id)) return 'priority';
    const allowed = targets.get(pool.name(id));
    if (allowed !== undefined && !allowed.has(id)) return 'not-target';
    const isInferior =
      !settings.multilib &&
      !settings.anyArch &&
      !askedArch.has(id) &&
      isInferiorArch(pool, id, upgrades);
    return isInferior ? 'better-arch' : null;
  }

  const updatesBlacklisted = (id: number): boolean =>
    pool.named(pool.name(id)).some((other) => pool.isInstalled(other) && blacklisted.has(other));

  const known = new Map<number, Ban | null>();
  return (id) => {
    let ban = known.get(id);
    if (ban === undefined) {
      ban = pool.isInstalled(id) ? banOfInstalled(id) : banOfSources(id);
      known.set(id, ban);
    }
    return ban;
  };
}

/** Of names that an upgrade to chosen packages takes along: these packages. */
function targetsByName(pool: Pool, upgrades: Upgrades): Map<string, ReadonlySet<number>> {
  const targets = new Map<string, ReadonlySet<number>>();
  for (const [id, dup] of upgrades.dup)
    if (dup.targets !== null) targets.set(pool.name(id), dup.targets);
  return targets;
}

function isOutranked(pool: Pool, id: number): boolean {
  return pool
    .named(pool.name(id))
    .some((other) => (pool.priority(other) ?? -Infinity) > (pool.priority(id) ?? Infinity));
}

/** Whether the sources have the name for a better architecture, and no installed package has this one. */
export function isInferiorArch(pool: Pool, id: number, upgrades: Upgrades): boolean {
  if (!hasBetterArch(pool, id)) return false;
  return !pool
    .named(pool.name(id))
    .some(
      (other) =>
        pool.isInstalled(other) && !upgrades.dup.has(other) && pool.arch(other) === pool.arch(id),
    );
}

/** Whether the sources have the name for a better architecture. */
export function hasBetterArch(pool: Pool, id: number): boolean {
  const rank = pool.archRank(id) ?? 0;
  if (rank <= 1) return false;
  return pool.named(pool.name(id)).some((other) => {
    const better = pool.archRank(other) ?? 0;
    return !pool.isInstalled(other) && better > 0 && better < rank;
  });
}
