import { fewestLeftOut } from '../search/fewest-left-out.ts';
import { minimalCore } from '../search/minimal-core.ts';
import { search } from '../search/search.ts';
import type { Clause } from '../search-model.ts';
import { withCleanup } from './cleanup.ts';
import type { Fact } from './fact.ts';
import { createRpmModel, type RpmModel } from './model.ts';
import type { Plan } from './plan.ts';
import { namesIn, type Pool } from './pool.ts';
import { withRecommended } from './strong-recommends.ts';

/** What the jobs come to. Packages are numbers of the pool. */
export interface Solution {
  /** Every package of the device as it will be, with what brought or kept it there. */
  holds: ReadonlyMap<number, Fact>;
  /** Wants that could not be met, by their job, each with a smallest set of facts that exclude each other. */
  leftOut: readonly { job: number; facts: readonly Fact[] }[];
  /** Installed packages that could not stay although they should; why. */
  broken: readonly { id: number; facts: readonly Fact[] }[];
  /** The search was given up: nothing is changed. */
  gaveUp: boolean;
  /** Paths that packages on the way need and that nobody is known to own, ascending. */
  unownedPaths: readonly string[];
}

export interface SolveOptions {
  /** Conflicts after which a search gives up. */
  budget: number;
}

const DISCIPLINE = 'in-turn';

/**
 * Does the jobs. What cannot be is left out: the fewest wants if installed packages must stay, else the fewest wants, then
 * the fewest installed packages.
 */
export function solve(pool: Pool, plan: Plan, options: SolveOptions): Solution {
  const solution = solved(pool, plan, options) ?? solveInPart(pool, plan, options);
  return withCleanup(pool, plan, solution);
}

/** Everything that is asked for, if that can be; with updates of what is installed rather than new packages, if that can be. */
function solved(pool: Pool, plan: Plan, { budget }: SolveOptions): Solution | null {
  for (const needsSuccessors of pool.installed.length > 0 ? [true, false] : [false]) {
    const model = createRpmModel(pool, plan, needsSuccessors);
    const parts = chosenParts(model, new Set(), new Set());
    const result = attempt(model, parts, budget);
    if (result.kind !== 'solved') continue;
    const better = plan.settings.strongRecommends
      ? withRecommended(pool, plan, model, parts, result.because, budget)
      : result.because;
    return solutionOf(pool, model, better, [], []);
  }
  return null;
}

function solveInPart(pool: Pool, plan: Plan, { budget }: SolveOptions): Solution {
  const model = createRpmModel(pool, plan);
  const gone = lostPlaces(model, budget);
  const wants = lostWants(model, plan, gone, budget);
  const dropped = plan.settings.allowUninstall
    ? new Set([...gone, ...lostPlaces(model, budget, wants)])
    : gone;
  const rest = chosenParts(model, wants, dropped);
  const result = attempt(model, rest, budget);
  if (result.kind !== 'solved') return gaveUp(pool, model);
  const explain = (extra: readonly Clause[]): Fact[] => coreOf(model, rest, extra, budget);
  const leftOut = [...wants].map((want) => ({
    job: plan.wants[want]?.job ?? -1,
    facts: explain(model.wants[want] ?? []),
  }));
  const broken = plan.settings.allowUninstall
    ? []
    : [...gone].map((id) => ({ id, facts: explain(model.places.get(id) ?? []) }));
  return solutionOf(pool, model, result.because, leftOut, broken);
}

/** What a search is to meet. */
export interface Parts {
  wants: readonly Clause[];
  places: readonly Clause[];
  wishes: readonly Clause[];
}

function chosenParts(
  model: RpmModel,
  withoutWants: ReadonlySet<number>,
  withoutPlaces: ReadonlySet<number>,
): Parts {
  return {
    wants: model.wants.flatMap((clauses, index) => (withoutWants.has(index) ? [] : clauses)),
    places: [...model.places].flatMap(([id, clauses]) => (withoutPlaces.has(id) ? [] : clauses)),
    wishes: model.wishes,
  };
}

/** One search. */
export function attempt(model: RpmModel, { wants, places, wishes }: Parts, budget: number) {
  return search(model.search([...wants, ...wishes, ...places]), {
    discipline: DISCIPLINE,
    budget,
    soft: true,
    revise: true,
  });
}

/** Installed packages that cannot stay even if nothing is wanted, or (with `wants`) if all but these are. */
function lostPlaces(
  model: RpmModel,
  budget: number,
  withoutWants: ReadonlySet<number> | null = null,
): Set<number> {
  const ids = [...model.places.keys()];
  const base =
    withoutWants === null
      ? []
      : model.wants.flatMap((clauses, index) => (withoutWants.has(index) ? [] : clauses));
  const places = ids.map((id) => model.places.get(id) ?? []);
  const { wants } = fewestLeftOut(model.search([]), base, places, budget);
  return new Set(wants.flatMap((index) => ids[index] ?? []));
}

function lostWants(
  model: RpmModel,
  plan: Plan,
  gone: ReadonlySet<number>,
  budget: number,
): Set<number> {
  const base = plan.settings.allowUninstall
    ? []
    : [...model.places].flatMap(([id, clauses]) => (gone.has(id) ? [] : clauses));
  const { wants } = fewestLeftOut(model.search([]), base, model.wants, budget);
  return new Set(wants);
}

/**
 * The facts behind the impossibility of `extra`: by itself, or beside what is installed, or beside all the rest; in the
 * order in which the search met them.
 */
function coreOf(model: RpmModel, rest: Parts, extra: readonly Clause[], budget: number): Fact[] {
  for (const more of [[], rest.places, [...rest.wants, ...rest.places]]) {
    const options = { discipline: DISCIPLINE, budget, soft: false } as const;
    const result = search(model.search([...extra, ...more]), options);
    if (result.kind === 'unsolvable')
      return minimalCore(result.clauses, budget).map((clause) => model.facts.of(clause));
  }
  return [];
}

function solutionOf(
  pool: Pool,
  model: RpmModel,
  because: ReadonlyMap<number, Clause>,
  leftOut: Solution['leftOut'],
  broken: Solution['broken'],
): Solution {
  const holds = new Map<number, Fact>();
  for (const [id, clause] of because) {
    const fact = model.facts.of(clause);
    holds.set(id, fact);
  }
  return { holds, leftOut, broken, gaveUp: false, unownedPaths: unownedIn(pool, model) };
}

function gaveUp(pool: Pool, model: RpmModel): Solution {
  const holds = new Map<number, Fact>(pool.installed.map((id) => [id, { kind: 'stays', id }]));
  const unownedPaths = unownedIn(pool, model);
  return { holds, leftOut: [], broken: [], gaveUp: true, unownedPaths };
}

function unownedIn(pool: Pool, model: RpmModel): string[] {
  const paths = new Set<string>();
  for (const fact of model.facts.all())
    if (fact.kind === 'needs')
      for (const name of namesIn(fact.relation))
        if (name.startsWith('/') && !paths.has(name) && isUnowned(pool, name)) paths.add(name);
  return [...paths].sort();
}

const isUnowned = (pool: Pool, name: string): boolean =>
  pool.providers({ kind: 'plain', name, comparison: null, evr: null }).length === 0;
