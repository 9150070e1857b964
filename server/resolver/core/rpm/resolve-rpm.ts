import type { Request, Resolution, ResolveProblem } from '../resolution.ts';
import type { View } from '../view.ts';
import { changesOf } from './answer.ts';
import { missingProblem, problemOf } from './explain.ts';
import type { Fact } from './fact.ts';
import { createPlan } from './plan.ts';
import { openRpmSession, type RpmSession, standingBeside } from './session.ts';
import { type Solution, solve } from './solve.ts';
import { type CheckedPackage, validateRpm } from './validate.ts';

/** Conflicts after which a search gives up. */
const BUDGET = 20_000;

/**
 * Answers a request for rpm packages, by the preferences of dnf. Wants that cannot be met are left out, the fewest; the
 * rest is answered and checked.
 */
export function solveRpm(view: View, request: Request): Resolution {
  const session = openRpmSession(view, request);
  const plan = createPlan(session.pool, session.jobs, session.settings, session.refuse);
  const solution = solve(session.pool, plan, { budget: BUDGET });
  const held = heldThatGo(session, solution);
  if (held.length > 0) return withoutRemovals(view, request, held);
  const problems = [...missing(session), ...leftOut(session, solution)];
  const faults = request.prerequisites ? faultsOf(session, solution) : [];
  const refusal = solution.gaveUp || faults.length > 0;
  const all = refusal ? [...problems, ...refused(session, problems, faults)] : problems;
  return {
    ...(refusal ? { packages: [], removed: [] } : changesOf(session, solution)),
    unresolved: [...new Set(all.map(({ name }) => name))].sort(),
    problems: all,
    ...(solution.unownedPaths.length > 0 && { unownedPaths: [...solution.unownedPaths] }),
  };
}

/** Packages on hold that would go with what the request removes. */
function heldThatGo({ pool, request }: RpmSession, { holds }: Solution): string[] {
  const removed = new Set((request.removals ?? []).map(({ name }) => name));
  return pool.installed
    .filter((id, index) => request.installed[index]?.hold && !holds.has(id))
    .map((id) => pool.name(id))
    .filter((name) => !removed.has(name));
}

/** The answer as if nothing had to go, and why that is so. */
function withoutRemovals(view: View, request: Request, held: readonly string[]): Resolution {
  const answer = solveRpm(view, { ...request, removals: [] });
  const names = (request.removals ?? []).map(({ name }) => name);
  const problems = names.map((name) => ({
    name,
    sentences: [
      `${name} is to be removed by the request.`,
      `${held.join(', ')} would go too, on hold.`,
    ],
    hint: null,
  }));
  return {
    ...answer,
    unresolved: [...new Set([...answer.unresolved, ...names])].sort(),
    problems: [...answer.problems, ...problems],
  };
}

function missing(session: RpmSession): ResolveProblem[] {
  return session.wants
    .filter(({ ids }) => ids.length === 0)
    .map(({ want }) => missingProblem(session, want));
}

function leftOut(session: RpmSession, { leftOut: out }: Solution): ResolveProblem[] {
  return out.flatMap(({ job, facts }) => {
    const name = session.wantOf.get(job)?.want.name;
    return name === undefined ? [] : [withLocks(session, facts, problemOf(session, name, facts))];
  });
}

/** Says of locks among the facts that their version is gone. */
function withLocks(
  { pool, missingLocks }: RpmSession,
  facts: readonly Fact[],
  problem: ResolveProblem,
): ResolveProblem {
  const names = new Set(
    facts.flatMap((fact) =>
      fact.kind === 'banned' && fact.ban === 'refused' ? [pool.name(fact.id)] : [],
    ),
  );
  const gone = [...names].filter((name) => missingLocks.has(name));
  const sentences = gone.map((name) => {
    const offered = [...new Set(pool.named(name).map((id) => pool.version(id)))].slice(0, 8);
    return `${name} is locked to version ${missingLocks.get(name)}; the sources offer ${offered.join(', ')}.`;
  });
  const others = problem.sentences.filter(
    (sentence) => !gone.some((name) => sentence.startsWith(`${name} is locked to version `)),
  );
  return { ...problem, sentences: [...others, ...sentences] };
}

/** Faults of the answer that the device does not have already. */
function faultsOf({ pool }: RpmSession, solution: Solution): string[] {
  const beside = new Set(standingBeside(pool));
  const checked = (id: number): CheckedPackage => ({
    name: pool.name(id),
    version: pool.version(id),
    arch: pool.arch(id),
    relation: (kind) => pool.relationText(id, kind),
    files: () => pool.files(id),
    isInstalled: pool.isInstalled(id),
    isBeside: beside.has(id),
  });
  const packages = [...solution.holds.keys()].filter((id) => !pool.name(id).startsWith('@'));
  const faults = validateRpm(packages.map(checked));
  if (faults.length === 0) return [];
  const before = new Set(validateRpm(pool.installed.map(checked)));
  return faults.filter((fault) => !before.has(fault));
}

/** Nothing that holds was found: all that is asked for is left out. */
function refused(
  { wants }: RpmSession,
  problems: readonly ResolveProblem[],
  faults: readonly string[],
): ResolveProblem[] {
  const told = new Set(problems.map(({ name }) => name));
  return wants
    .filter(({ want }) => !told.has(want.name))
    .map(({ want }) => ({
      name: want.name,
      sentences: [`No set of packages with ${want.name} was found.`, ...faults.slice(0, 8)],
      hint: null,
    }));
}
