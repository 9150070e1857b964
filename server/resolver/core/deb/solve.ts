import { numbered } from '../answer-numbers.ts';
import type { Removal, Request, Resolution, ResolveProblem, Want } from '../resolution.ts';
import { fewestLeftOut } from '../search/fewest-left-out.ts';
import { search } from '../search/search.ts';
import type { View } from '../view.ts';
import { type Assignment, changesOf, toAssignment } from './answer.ts';
import { answerBare } from './bare/answer-bare.ts';
import { keptLeftovers } from './garbage.ts';
import { walk } from './greedy.ts';
import { createDebModel } from './model.ts';
import { problemsOfMissing, problemsOfWants } from './problems.ts';
import { openSession, type Session } from './session.ts';
import { validateDeb } from './validate.ts';

/** Conflicts after which a search gives up. */
export const BUDGET = 20_000;

/** Says what the solver does, a line at a time. */
export type Say = (line: string) => void;

/**
 * Answers a request for Debian packages: apt's walk first (under policy `apt`), its result checked; where it is not
 * whole, or under `apt3`, the search. Wants that cannot be met are left out, the fewest; the rest is answered.
 */
export function solveDeb(view: View, request: Request): Resolution {
  const session = openSession(view, request);
  const problems = problemsOfMissing(session);
  const refused = new Set(problems.map(({ name }) => name));
  const bare = request.policy === 'apt3' ? null : answerBare(session);
  if (bare !== null) {
    const rest = { removed: [], unresolved: [...refused].sort(), problems };
    return numbered(bare.numbers, bare.packages, rest);
  }
  const found = assign(session);
  if (found !== null) return toResolution(session, found, [...refused], problems);
  const left = leaveOut(session);
  const rest = openSession(view, { ...request, ...left.kept });
  const assignment = assign(rest);
  const all = [...problems, ...left.problems, ...(assignment === null ? unfound(rest) : [])];
  const names = [...refused, ...all.map(({ name }) => name)];
  return toResolution(rest, assignment ?? installedOnly(rest), names, all);
}

/** Nothing was found that holds: all that is asked for is left out, or the essential packages that should come. */
function unfound({ request, pool, essential }: Session): ResolveProblem[] {
  const asked = [...request.wants, ...(request.removals ?? [])].map(({ name }) => name);
  const lacking = essential.filter((pkg) => pool.current(pkg) === 0).map(pool.name);
  return (asked.length > 0 ? asked : lacking).map((name) => ({
    name,
    sentences: [`No set of packages with what is asked of ${name} was found.`],
    hint: null,
  }));
}

/** An assignment that holds, or null if there is none (or none was found within the budget). */
function assign(session: Session): Assignment | null {
  const { policy, prerequisites } = session.request;
  if (policy !== 'apt3' || !prerequisites) {
    const walked = checked(session, walkAssignment(session));
    if (walked !== null || !prerequisites) return walked;
  }
  return checked(session, searchAssignment(session));
}

function walkAssignment(session: Session): Assignment {
  const marks = walk(session);
  const assignment = toAssignment(session, marks.installed, marks.isPresent, (reasons) =>
    keptLeftovers(session, marks, reasons),
  );
  marks.release();
  return assignment;
}

function searchAssignment(session: Session): Assignment | null {
  const model = createDebModel(session);
  const result = search(model, { discipline: 'unit-first', budget: BUDGET, soft: true });
  if (result.kind !== 'solved') return null;
  const { pool } = session;
  const versions = new Map<number, number>();
  for (const version of result.because.keys())
    if (version > 0) versions.set(pool.packageOf(version), version);
  return toAssignment(session, (pkg) => versions.get(pkg) ?? 0);
}

/** The assignment, if the validator finds no fault in it that was not there before. */
function checked(session: Session, assignment: Assignment | null): Assignment | null {
  if (assignment === null || !session.request.prerequisites) return assignment;
  if (!servesRequest(session, assignment)) return null;
  const { pool } = session;
  const faults = validateDeb(pool.view, [...assignment.versions.values()]);
  if (faults.length === 0) return assignment;
  const before = new Set(
    validateDeb(
      pool.view,
      pool.installed().map((pkg) => pool.current(pkg)),
    ).map(({ sentence }) => sentence),
  );
  return faults.every(({ sentence }) => before.has(sentence)) ? assignment : null;
}

/** All wants and essential packages are there in their versions, what is to go is gone, what must stay is there. */
function servesRequest(session: Session, { versions: assignment }: Assignment): boolean {
  const { pool, request, wanted, removals, essential } = session;
  const has = wanted.every(
    (one) => one.kind !== 'found' || assignment.get(one.pkg) === one.version,
  );
  const isGone = removals.every((pkg) => !assignment.has(pkg));
  const isWhole =
    request.upgrade === 'all' ||
    essential.every((pkg) => pool.group(pool.name(pkg)).some((one) => assignment.has(one)));
  const stays =
    request.remove || request.removals?.length
      ? true
      : pool.installed().every((pkg) => assignment.has(pkg));
  return has && isGone && isWhole && stays;
}

interface Left {
  kept: { wants: Want[]; removals: Removal[] };
  problems: ResolveProblem[];
}

function leaveOut(session: Session): Left {
  const model = createDebModel(session);
  const indexes = [...model.wants.keys()];
  const wants = indexes.map((index) => model.wants.get(index) ?? []);
  const left = fewestLeftOut(model, model.base, wants, BUDGET);
  const out = new Set(left.wants.map((place) => indexes[place]));
  const { pool, removals } = session;
  const { wants: asked } = session.request;
  const isKept = (index: number): boolean => model.wants.has(index) && !out.has(index);
  return {
    kept: {
      wants: asked.filter((_, index) => isKept(index)),
      removals: removals
        .filter((_, index) => isKept(asked.length + index))
        .map((pkg) => ({ name: pool.name(pkg), arch: pool.arch(pkg) })),
    },
    problems: problemsOfWants(
      session,
      model,
      [...out].filter((one) => one !== undefined),
    ),
  };
}

function installedOnly(session: Session): Assignment {
  return toAssignment(session, session.pool.current);
}

function toResolution(
  session: Session,
  assignment: Assignment,
  unresolved: readonly string[],
  problems: ResolveProblem[],
): Resolution {
  return {
    ...changesOf(session, assignment),
    unresolved: [...new Set(unresolved)].sort(),
    problems,
  };
}
