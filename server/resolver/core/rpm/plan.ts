import { createBans } from './bans.ts';
import type { Ban } from './fact.ts';
import type { Job, Settings } from './job.ts';
import { preferred, type Standing } from './policy.ts';
import type { Pool } from './pool.ts';
import { select } from './select.ts';
import { isArchChange, obsoletes, updatesOf } from './updates.ts';
import { createUpgrades, standsInSources, type Upgrades } from './upgrades.ts';

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
  /** What it may become by the settings, itself included. */
  rule: readonly number[];
  /** Of one that is updated: from what is chosen, and from what if nothing of that can be. */
  order: readonly number[];
  others: readonly number[];
  /** Of one that is updated: what may come beside it. */
  beside: readonly number[];
  /** No source has it, and it stays only if that is possible in the end. */
  isOrphan: boolean;
  /** It stays only where something needs it. */
  isDropped: boolean;
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
  /** What is liked and disliked. */
  standing: Omit<Standing, 'holds'>;
  /** Everything installed is to be updated. */
  updatesAll: boolean;
  excludedFromWeak: ReadonlySet<number>;
  /** Packages of which several versions may stand side by side. */
  multiversion: ReadonlySet<number>;
  /** Installed packages whose needs are to be met though they are not now. */
  verified: ReadonlySet<number>;
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
  const multiversion = chosenBy('multiversion');
  const droppable = chosenBy('droporphaned');
  /** Whether the package comes in the place of the installed one, not beside it. */
  const isInPlaceOf = (other: number, id: number): boolean =>
    !multiversion.has(other) || (settings.obsoletesBeside && obsoletes(pool, other, id));
  const isComingBeside = (other: number, id: number): boolean =>
    ban(other) === null && !isInPlaceOf(other, id);
  /** Jobs that nothing installed does for, and what would. */
  const newcomers = jobs.flatMap((job) => {
    const ids = job.action === 'install' && !job.weak ? select(pool, job.selection) : [];
    return ids.length === 0 || ids.some(pool.isInstalled) ? [] : [{ job, ids }];
  });
  /** Nothing in the sources is it or could take its place, were it for a lower version. */
  const isOrphaned = (id: number): boolean =>
    upgrades.targetsOf(id).all.length === 0 && !standsInSources(pool, id, () => true).itself;

  const places = new Map<number, Place>();
  for (const id of pool.installed) {
    if (ban(id) === 'erased') continue;
    const place = locked.has(id) ? stayingPlace(id) : placeOf(id);
    if (droppable.has(id) && isOrphaned(id)) {
      places.set(id, droppedPlace(place));
      continue;
    }
    places.set(id, mayGo.has(id) || isReplacedByJob(id) ? { ...place, hard: null } : place);
  }

  /** All that would do for one job takes the installed package's place. */
  function isReplacedByJob(id: number): boolean {
    return newcomers.some(({ job, ids }) => ids.every((other) => replaces(job, other, id)));
  }

  function replaces(job: Job, other: number, id: number): boolean {
    if (obsoletes(pool, other, id)) return true;
    const isAsked = settings.obeysVersions && job.setsVersion === true;
    return (
      isAsked &&
      isInPlaceOf(other, id) &&
      pool.name(other) === pool.name(id) &&
      !isArchChange(pool, other, id)
    );
  }

  function placeOf(id: number): Place {
    if (upgrades.dup.has(id)) return upgradedPlace(id);
    const job = upgrades.updating.get(id);
    const all = updatesOf(pool, id, settings);
    const updates = all.filter((other) => isInPlaceOf(other, id));
    if (job === undefined)
      return { ...stayingPlace(id), hard: [id, ...updates], rule: [id, ...updates] };
    const targets = updates.filter((other) => job.targets === null || job.targets.has(other));
    const allowed = targets.filter((other) => ban(other) === null);
    const best = jobs[job.job]?.best ? preferred(pool, [id, ...allowed], standing) : null;
    return {
      ...stayingPlace(id),
      hard: [id, ...updates],
      rule: [id, ...updates],
      order: [id, ...allowed],
      beside: all.filter((other) => isComingBeside(other, id)),
      isUpdating: true,
      best: best && { job: job.job, ids: best },
    };
  }

  /** In an upgrade of the distribution it goes where the sources are, if they have its name. */
  function upgradedPlace(id: number): Place {
    const targets = upgrades.targetsOf(id);
    const legal = targets.legal.filter((other) => isInPlaceOf(other, id));
    const all = targets.all.filter((other) => isInPlaceOf(other, id));
    const { itself } = standsInSources(pool, id, () => true);
    const isOrphan = all.length === 0 && !itself;
    const own = ban(id) === null ? [id] : [];
    const order = [...own, ...legal.filter((other) => ban(other) === null)];
    const mayGo = isOrphan && !settings.keepOrphans;
    return {
      ...stayingPlace(id),
      hard: mayGo ? null : [...own, ...legal],
      rule: [...own, ...legal],
      order,
      others: all.filter((other) => !order.includes(other)),
      beside: targets.legal.filter((other) => isComingBeside(other, id)),
      isOrphan: mayGo,
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
    successors: new Set([...places.values()].flatMap(({ rule }) => rule)),
    upgrades,
    ban,
    standing: { favored: standing.favored, disfavored: standing.disfavored },
    updatesAll: jobs.some(
      ({ action, selection }) => action === 'update' && selection.kind === 'all',
    ),
    excludedFromWeak: chosenBy('excludefromweak'),
    multiversion,
    verified: chosenBy('verify'),
  };
}

/** The same place, of a package that stays only where something needs it. */
export function droppedPlace(place: Place): Place {
  return { ...place, hard: null, isOrphan: true, isDropped: true };
}

function stayingPlace(id: number): Place {
  return {
    ...{ id, hard: [id], rule: [id], order: [id], others: [], beside: [] },
    ...{ isOrphan: false, isDropped: false, isUpdating: false, best: null },
  };
}
