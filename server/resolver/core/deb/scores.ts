import type { RelationKind } from '../universe.ts';
import type { Alternative } from './groups.ts';
import type { Marks } from './marks.ts';

const PRIORITY_SCORES = {
  required: 3,
  important: 2,
  standard: 1,
  optional: -1,
  extra: -2,
} as const;
const RELATION_SCORES: Partial<Record<RelationKind, number>> = {
  preDepends: 1,
  depends: 1,
  recommends: 1,
  conflicts: -1,
  breaks: -1,
};
const ESSENTIAL = 100;
const PROTECTED_FIRST = 10_000;
const ESSENTIAL_FIRST = 5_000;

/** How much breaks if a package is changed, as apt counts it: the repair goes from the highest to the lowest. */
export type Scores = Map<number, number>;

/** Scores of all packages that will be there; `isFixed` says which the request decided. */
export function scoresOf(marks: Marks, isFixed: (pkg: number) => boolean): Scores {
  const present = marks.touched().filter((pkg) => marks.installed(pkg) !== 0);
  const scores: Scores = new Map();
  for (const pkg of present) add(scores, pkg, ownScore(marks, pkg));
  for (const pkg of present) scoreTargets(marks, scores, pkg);
  const before = new Map(scores);
  for (const pkg of present) inherit(marks, scores, before, pkg);
  for (const pkg of present) passOn(marks, scores, before, pkg);
  for (const pkg of present) {
    if (isFixed(pkg)) add(scores, pkg, PROTECTED_FIRST);
    if (isPrecious(marks, pkg)) add(scores, pkg, ESSENTIAL_FIRST);
  }
  return scores;
}

export const scoreOf = (scores: Scores, pkg: number): number => scores.get(pkg) ?? 0;

function add(scores: Scores, pkg: number, points: number): void {
  scores.set(pkg, scoreOf(scores, pkg) + points);
}

const isPrecious = ({ pool }: Marks, pkg: number): boolean =>
  pool.isEssential(pkg) || pool.isProtected(pkg);

function ownScore(marks: Marks, pkg: number): number {
  const { pool } = marks;
  const { view } = pool;
  const version = marks.installed(pkg);
  const priority = pool.isObsolete(version)
    ? 'extra'
    : view.universe(version).priority(view.index(version));
  const candidate = marks.candidate(pkg);
  const isOffered = pool.current(pkg) !== 0 && candidate !== 0 && !pool.isObsolete(candidate);
  return PRIORITY_SCORES[priority] + (isPrecious(marks, pkg) ? ESSENTIAL : 0) + (isOffered ? 1 : 0);
}

/** A relation gives its points to the package that it names, if what will be there of it fits, and to its providers. */
function scoreTargets(marks: Marks, scores: Scores, pkg: number): void {
  for (const { kind, alternatives } of marks.groups.of(marks.installed(pkg)))
    for (const alternative of alternatives) {
      const { isVersioned, providesItself, versions, packages } = alternative;
      const target = namedBy(marks, pkg, alternative);
      const fitting = new Set(
        packages.filter((one, place) => marks.installed(one) === versions[place]),
      );
      if (isVersioned && !fitting.has(target)) continue;
      const points = RELATION_SCORES[kind] ?? 0;
      if (fitting.has(target) && providesItself) add(scores, target, points);
      if (target >= 0) fitting.add(target);
      for (const one of fitting) add(scores, one, points);
    }
}

/** The package that has the name itself, or -1. */
function namedBy({ pool }: Marks, pkg: number, { name, isAny }: Alternative): number {
  return isAny ? -1 : pool.find(name, pool.arch(pkg));
}

/** One step: what important packages name is important. */
function inherit(marks: Marks, scores: Scores, before: Scores, pkg: number): void {
  const points = scoreOf(before, pkg);
  if (points <= 0) return;
  for (const { isNegative, alternatives } of marks.groups.of(marks.installed(pkg)))
    if (!isNegative)
      for (const alternative of alternatives) {
        const target = namedBy(marks, pkg, alternative);
        if (target >= 0 && marks.installed(target) !== 0) add(scores, target, points);
      }
}

/** What a package gained in that step, its providers gain as well. */
function passOn(marks: Marks, scores: Scores, before: Scores, pkg: number): void {
  const { pool, groups } = marks;
  const gained = Math.abs(scoreOf(scores, pkg) - scoreOf(before, pkg));
  if (gained === 0) return;
  const providers = groups
    .providersOf(pool.name(pkg), pool.arch(pkg))
    .filter((version) => marks.installed(pool.packageOf(version)) === version)
    .map((version) => pool.packageOf(version));
  for (const provider of new Set(providers)) add(scores, provider, gained);
}
