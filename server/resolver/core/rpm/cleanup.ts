import type { RelationKind } from '../universe.ts';
import type { Fact } from './fact.ts';
import { droppedPlace, type Plan } from './plan.ts';
import type { Pool } from './pool.ts';
import { namesIn } from './pool.ts';
import { select } from './select.ts';
import type { Solution } from './solve.ts';

const wayKinds = ['preDepends', 'depends', 'recommends'] as const satisfies RelationKind[];

/** Takes away what jobs with `cleandeps` made superfluous: what only their packages needed, and nobody needs any more. */
export function withCleanup(pool: Pool, plan: Plan, solution: Solution): Solution {
  const superfluous = superfluousIn(pool, plan, solution.holds);
  if (superfluous.size === 0) return solution;
  const holds = new Map<number, Fact>([...solution.holds].filter(([id]) => !superfluous.has(id)));
  return { ...solution, holds };
}

/** The plan in which what removals with `cleandeps` make superfluous need not stay; it is in nobody's way. */
export function withoutSuperfluous(pool: Pool, plan: Plan): Plan {
  const cleaning = plan.jobs.filter(({ cleandeps }) => cleandeps);
  if (cleaning.length === 0 || cleaning.some(({ action }) => action !== 'erase')) return plan;
  const left = pool.installed.filter((id) => plan.ban(id) !== 'erased');
  const superfluous = superfluousIn(pool, plan, new Map(left.map((id) => [id, null])));
  const places = new Map(plan.places);
  for (const id of superfluous) {
    const place = places.get(id);
    if (place !== undefined) places.set(id, droppedPlace(place));
  }
  return { ...plan, places };
}

/** Of what holds: what only packages of jobs with `cleandeps` needed. */
function superfluousIn(
  pool: Pool,
  plan: Plan,
  holds: ReadonlyMap<number, unknown>,
): ReadonlySet<number> {
  const cleaning = plan.jobs.filter(({ cleandeps }) => cleandeps);
  if (cleaning.length === 0) return new Set();
  const started = new Set(
    cleaning.flatMap((job) => {
      const chosen = select(pool, job.selection);
      const names = new Set(chosen.map((id) => pool.name(id)));
      return pool.installed.filter((id) => names.has(pool.name(id)));
    }),
  );
  const asked = new Set(
    plan.jobs.flatMap(({ action, selection }) =>
      action === 'userinstalled' || action === 'install' ? select(pool, selection) : [],
    ),
  );
  const isGeneral = cleaning.some(({ selection }) => selection.kind === 'all');
  const wasNeeded = reached(pool, [...started], (id) => pool.isInstalled(id));
  const doubtful = new Set(
    [...wasNeeded].filter(
      (id) => (isGeneral || !started.has(id)) && !asked.has(id) && holds.has(id),
    ),
  );
  const firm = [...holds.keys()].filter((id) => !doubtful.has(id));
  const needed = reached(pool, firm, (id) => holds.has(id));
  return new Set([...doubtful].filter((id) => !needed.has(id)));
}

/** All that packages need or recommend, directly or not, whichever alternative it is. */
function reached(
  pool: Pool,
  from: readonly number[],
  within: (id: number) => boolean,
): Set<number> {
  const found = new Set<number>();
  const visit = (id: number): void => {
    for (const other of neededBy(pool, id)) if (other !== id && within(other)) found.add(other);
  };
  from.forEach(visit);
  found.forEach(visit);
  return found;
}

function neededBy(pool: Pool, id: number): number[] {
  return wayKinds.flatMap((kind) =>
    pool
      .relations(id, kind)
      .flatMap(namesIn)
      .flatMap((name) => pool.providers({ kind: 'plain', name, comparison: null, evr: null })),
  );
}
