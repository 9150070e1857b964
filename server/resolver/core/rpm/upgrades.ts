import type { Job, Settings } from './job.ts';
import type { Pool } from './pool.ts';
import { select } from './select.ts';
import { isSamePackage, obsoletes, updatesOf } from './updates.ts';

export interface Updating {
  job: number;
  /** What it may go to; null: anything. */
  targets: ReadonlySet<number> | null;
}

/** Which installed packages are to be updated, or taken along in an upgrade of the distribution. */
export interface Upgrades {
  updating: ReadonlyMap<number, Updating>;
  dup: ReadonlyMap<number, Updating>;
  /** Of one in `dup`: where it may go by the settings, and all that the sources have for it. */
  targetsOf(id: number): { legal: readonly number[]; all: readonly number[] };
}

const EVERYTHING = { allowDowngrade: true, allowArchChange: true, allowNameChange: true };

export function createUpgrades(pool: Pool, jobs: readonly Job[], settings: Settings): Upgrades {
  const updating = new Map<number, Updating>();
  const dup = new Map<number, Updating>();
  for (const [index, job] of jobs.entries()) {
    if (job.action === 'update') involve(pool, settings, job, index, updating);
    if (job.action === 'distupgrade') involve(pool, settings, job, index, dup);
  }
  const limits = {
    allowDowngrade: settings.dupAllowDowngrade,
    allowArchChange: settings.dupAllowArchChange,
    allowNameChange: settings.dupAllowNameChange,
  };
  const isTarget =
    (id: number) =>
    (other: number): boolean =>
      dup.get(id)?.targets?.has(other) ?? true;
  return {
    updating,
    dup,
    targetsOf: (id) => ({
      legal: updatesOf(pool, id, limits).filter(isTarget(id)),
      all: updatesOf(pool, id, EVERYTHING).filter(isTarget(id)),
    }),
  };
}

function involve(
  pool: Pool,
  settings: Settings,
  job: Job,
  index: number,
  involved: Map<number, Updating>,
): void {
  const selection = select(pool, job.selection);
  const installed = selection.filter((id) => pool.isInstalled(id));
  if (job.selection.kind === 'all' || !isTargeted(job, installed, settings)) {
    for (const id of installed) involved.set(id, { job: index, targets: null });
    return;
  }
  const targets = new Set(selection.filter((id) => !pool.isInstalled(id)));
  for (const id of pool.installed)
    if ([...targets].some((target) => replaces(pool, target, id)))
      involved.set(id, { job: index, targets });
}

/** What is asked for is a target unless some of it is installed. */
function isTargeted(job: Job, installed: readonly number[], settings: Settings): boolean {
  return job.targeted ?? (settings.autoTarget && installed.length === 0);
}

function replaces(pool: Pool, target: number, id: number): boolean {
  return pool.name(target) === pool.name(id) || obsoletes(pool, target, id);
}

/** Whether the sources have the installed package's name, and whether they have the very package. */
export function standsInSources(
  pool: Pool,
  id: number,
  isTarget: (other: number) => boolean,
): { name: boolean; itself: boolean } {
  const others = pool
    .named(pool.name(id))
    .filter(
      (other) => !pool.isInstalled(other) && pool.archRank(other) !== null && isTarget(other),
    );
  return {
    name: others.length > 0,
    itself: others.some((other) => isSamePackage(pool, id, other)),
  };
}
