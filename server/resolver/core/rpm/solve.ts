import { fewestLeftOut } from '../search/fewest-left-out.ts';
import { minimalCore } from '../search/minimal-core.ts';
import { search } from '../search/search.ts';
import type { Clause } from '../search-model.ts';
import { createRpmAgenda } from './agenda.ts';
import { withCleanup, withoutSuperfluous } from './cleanup.ts';
import type { Fact } from './fact.ts';
import { createRpmModel, type RpmModel } from './model.ts';
import type { Plan } from './plan.ts';
import { namesIn, type Pool } from './pool.ts';
import { withRecommended } from './strong-recommends.ts';
import { lastWeak, needlessChoices } from './weak-rules.ts';

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

const DISCIPLINE = 'unit-first';

/**
 * Does the jobs. What cannot be is left out: the fewest wants if installed packages must stay, else the fewest wants, then
 * the fewest installed packages.
 */
export function solve(pool: Pool, given: Plan, options: SolveOptions): Solution {
  const plan = withoutSuperfluous(pool, given);
  const solution = solved(pool, plan, options) ?? solveInPart(pool, plan, options);
  return withCleanup(pool, plan, solution);
}

/** Everything that is asked for, if that can be. */
function solved(pool: Pool, plan: Plan, { budget }: SolveOptions): Solution | null {
  const model = createRpmModel(pool, plan, true);
  const parts = chosenParts(model, new Set(), new Set());
  const result = attempt({ pool, plan, model }, parts, budget);
  if (result === null) return null;
  const better = plan.settings.strongRecommends
    ? withRecommended({ pool, plan, model }, parts, result, budget)
    : result;
  return solutionOf(pool, [model], better, [], []);
}

function solveInPart(pool: Pool, plan: Plan, { budget }: SolveOptions): Solution {
  const strict = createRpmModel(pool, plan, false);
  const gone = lostPlaces(strict, plan, budget);
  const wants = lostWants(strict, plan, gone, budget);
  const dropped = plan.settings.allowUninstall
    ? new Set([...gone, ...lostPlaces(strict, plan, budget, wants)])
    : gone;
  const model = createRpmModel(pool, plan, true);
  const result = attempt({ pool, plan, model }, chosenParts(model, wants, dropped), budget);
  if (result === null) return gaveUp(pool, [model, strict]);
  const rest = chosenParts(strict, wants, dropped);
  const explain = (extra: readonly Clause[]): Fact[] => coreOf(strict, rest, extra, budget);
  const leftOut = [...wants].map((want) => ({
    job: plan.wants[want]?.job ?? -1,
    facts: explain(strict.wants[want] ?? []),
  }));
  const broken = plan.settings.allowUninstall
    ? []
    : [...gone].map((id) => ({ id, facts: explain(strict.places.get(id) ?? []) }));
  return solutionOf(pool, [model, strict], result, leftOut, broken);
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

/** What searches work on. */
export interface Solving {
  pool: Pool;
  plan: Plan;
  model: RpmModel;
}

/**
 * Searches, and gives up weak clauses, the last first, until all that is firm can be; then those that turned out to be
 * needless. Every true package with what brought it; null if it cannot be, or no answer was found.
 */
export function attempt(
  solving: Solving,
  { wants, places, wishes }: Parts,
  budget: number,
): ReadonlyMap<number, Clause> | null {
  const { pool, model } = solving;
  for (let left = budget; left > 0; left -= 1) {
    const result = search(model.search([...wants, ...wishes, ...places]), {
      discipline: (state) => createRpmAgenda(solving, state),
      budget,
      soft: true,
      keepsAll: true,
      room: pool.worked.room,
    });
    if (result.kind === 'gave-up') return null;
    const dropped =
      result.kind === 'solved'
        ? needlessChoices(model, result.because)
        : lastWeak(solving, result.clauses);
    if (dropped.length === 0) return result.kind === 'solved' ? result.because : null;
    model.drop(dropped);
  }
  return null;
}

/** Installed packages, rather those that no source has, that cannot stay even if nothing is wanted, or (with `wants`) if all but these are. */
function lostPlaces(
  model: RpmModel,
  plan: Plan,
  budget: number,
  withoutWants: ReadonlySet<number> | null = null,
): Set<number> {
  const hasOthers = (id: number): number =>
    Number(plan.places.get(id)?.rule.some((other) => other !== id));
  const ids = [...model.places.keys()].sort((a, b) => hasOthers(b) - hasOthers(a));
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
  models: readonly RpmModel[],
  because: ReadonlyMap<number, Clause>,
  leftOut: Solution['leftOut'],
  broken: Solution['broken'],
): Solution {
  const holds = new Map<number, Fact>();
  for (const [id, clause] of because) {
    const fact = models[0]?.facts.of(clause);
    if (fact !== undefined) holds.set(id, fact);
  }
  return { holds, leftOut, broken, gaveUp: false, unownedPaths: unownedIn(pool, models) };
}

function gaveUp(pool: Pool, models: readonly RpmModel[]): Solution {
  const holds = new Map<number, Fact>(pool.installed.map((id) => [id, { kind: 'stays', id }]));
  const unownedPaths = unownedIn(pool, models);
  return { holds, leftOut: [], broken: [], gaveUp: true, unownedPaths };
}

function unownedIn(pool: Pool, models: readonly RpmModel[]): string[] {
  const paths = new Set<string>();
  for (const model of models)
    for (const id of model.touched()) for (const path of unownedOf(pool, id)) paths.add(path);
  return [...paths].sort();
}

/** Paths that the package needs and nobody owns. */
function unownedOf(pool: Pool, id: number): readonly string[] {
  let paths = pool.worked.unowned.get(id);
  if (paths === undefined) {
    const names = [...pool.relations(id, 'preDepends'), ...pool.relations(id, 'depends')];
    paths = names.flatMap(namesIn).filter((name) => name.startsWith('/') && isUnowned(pool, name));
    pool.worked.unowned.set(id, paths);
  }
  return paths;
}

const isUnowned = (pool: Pool, name: string): boolean =>
  pool.providers({ kind: 'plain', name, comparison: null, evr: null }).length === 0;
