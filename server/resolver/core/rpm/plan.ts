import { createBans } from './bans.ts';
import type { Ban } from './fact.ts';
import type { Job, Settings } from './job.ts';
import { levels } from './levels.ts';
import { preferred, ranked, type Standing } from './policy.ts';
import type { Pool } from './pool.ts';
import { select } from './select.ts';
import { updatesOf } from './updates.ts';
import { createUpgrades, type Upgrades } from './upgrades.ts';

/** Something to be installed: one of the candidates. */
export interface PlannedWant {
  job: number;
  candidates: readonly number[];
  /** If the best is asked for: only these. */
  best: readonly number[] | null;
  weak: boolean;
}

/** What becomes of an installed package. */
export interface Place {
  id: number;
  /** One of these must hold, itself included; null: it may go without successor. */
  hard: readonly number[] | null;
  /** What is tried, in this order. */
  order: readonly number[];
  /** When that is decided. */
  level: number;
  /** It is to be replaced by something better. */
  isUpdating: boolean;
  /** The job that asks for nothing but the best. */
  best: { job: number; ids: readonly number[] } | null;
}

/** The jobs, worked out against the pool. */
export interface Plan {
  jobs: readonly Job[];
  settings: Settings;
  wants: readonly PlannedWant[];
  places: ReadonlyMap<number, Place>;
  /** What may take the place of an installed package, and these themselves. */
  successors: ReadonlySet<number>;
  upgrades: Upgrades;
  /** Why the package must not be in the answer; null if it may. */
  ban: (id: number) => Ban | null;
  favored: ReadonlySet<number>;
  disfavored: ReadonlySet<number>;
  excludedFromWeak: ReadonlySet<number>;
}

/** Works jobs out. `refuse` bans further packages of the sources. */
export function createPlan(
  pool: Pool,
  jobs: readonly Job[],
  settings: Settings,
  refuse: (id: number) => boolean = () => false,
): Plan {
  const chosenBy = (action: Job['action']): Set<number> =>
    new Set(jobs.flatMap((job) => (job.action === action ? select(pool, job.selection) : [])));
  const standing: Standing = {
    favored: chosenBy('favor'),
    disfavored: chosenBy('disfavor'),
    holds: () => false,
  };
  const upgrades = createUpgrades(pool, jobs, settings);
  const ban = createBans(pool, jobs, settings, upgrades, refuse);
  const locked = chosenBy('lock');
  const mayGo = chosenBy('allowuninstall');
  const places = new Map<number, Place>();
  for (const id of pool.installed) {
    const isHeld = locked.has(id);
    const place = isHeld ? stayingPlace(id) : placeOf(id);
    if (ban(id) === 'erased') continue;
    places.set(id, mayGo.has(id) ? { ...place, hard: null } : place);
  }

  function placeOf(id: number): Place {
    if (upgrades.dup.has(id)) return upgradedPlace(id);
    const job = upgrades.updating.get(id);
    const updates = updatesOf(pool, id, settings);
    if (job === undefined)
      return {
        ...stayingPlace(id),
        hard: [id, ...updates],
        order: [id, ...ranked(pool, updates, standing)],
      };
    const targets = updates.filter((other) => job.targets === null || job.targets.has(other));
    const allowed = targets.filter((other) => ban(other) === null);
    const best = jobs[job.job]?.best ? preferred(pool, [id, ...allowed], standing) : null;
    return {
      ...stayingPlace(id),
      hard: [id, ...updates],
      order: ranked(pool, [id, ...allowed], standing),
      level: levels.update,
      isUpdating: true,
      best: best && { job: job.job, ids: best },
    };
  }

  /** In an upgrade of the distribution it goes where the sources are, if they have its name. */
  function upgradedPlace(id: number): Place {
    const { legal, all } = upgrades.targetsOf(id);
    const isOrphan = all.length === 0;
    const own = ban(id) === null ? [id] : [];
    const order = ranked(pool, [...own, ...legal.filter((other) => ban(other) === null)], standing);
    const others = all.filter((other) => !order.includes(other));
    return {
      ...stayingPlace(id),
      hard: isOrphan && !settings.keepOrphans ? null : [...own, ...legal],
      order: [...order, ...ranked(pool, others, standing)],
      level: isOrphan && !settings.keepOrphans ? levels.orphan : levels.update,
      isUpdating: true,
    };
  }

  const wants = jobs.flatMap((job, index) =>
    job.action === 'install' ? [plannedWant(job, index)] : [],
  );

  function plannedWant(job: Job, index: number): PlannedWant {
    const candidates = select(pool, job.selection);
    const allowed = candidates.filter((id) => ban(id) === null);
    const best = job.best ? preferred(pool, allowed, standing) : null;
    return { job: index, candidates, best, weak: job.weak ?? false };
  }

  return {
    jobs,
    settings,
    wants,
    places,
    successors: new Set([...places.values()].flatMap(({ hard, order }) => hard ?? order)),
    upgrades,
    ban,
    favored: standing.favored,
    disfavored: standing.disfavored,
    excludedFromWeak: chosenBy('excludefromweak'),
  };
}

function stayingPlace(id: number): Place {
  return { id, hard: [id], order: [id], level: levels.keep, isUpdating: false, best: null };
}
