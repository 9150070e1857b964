import { packagePriorities } from '../universe.ts';
import type { Alternative, Group } from './groups.ts';
import type { Marks } from './marks.ts';
import type { Pool } from './pool.ts';

export type Selection = 'candidate' | 'installed' | 'both';

/**
 * The versions that could serve a group (or that a negative one hits), in apt's order of preference: within an
 * alternative by `compareProviders`, then those of installed packages before new ones. Each once. What is bound to be
 * absent is left out of positive groups.
 */
export function solutionsOf(marks: Marks, group: Group, selection: Selection): readonly number[] {
  const { pool } = marks;
  if (group.usual.length <= 1 && pool.installed().length === 0 && marks.isUsual(group))
    return group.usual;
  const upgrades: number[] = [];
  const fresh: number[] = [];
  for (const alternative of group.alternatives) {
    const versions = selected(marks, alternative, selection);
    if (versions.length > 1) versions.sort((a, b) => compareProviders(marks, alternative, a, b));
    for (const version of versions) {
      const list = pool.current(pool.packageOf(version)) === 0 ? fresh : upgrades;
      list.push(version);
    }
  }
  const all = upgrades.length === 0 ? fresh : [...upgrades, ...fresh];
  const distinct = all.length > 1 ? [...new Set(all)] : all;
  if (group.isNegative) return distinct;
  return distinct.filter((version) => !isBoundAbsent(marks, pool.packageOf(version)));
}

/** Candidates, installed versions or both of an alternative, in the order of the index. */
export function selected(marks: Marks, alternative: Alternative, selection: Selection): number[] {
  const { versions, packages } = alternative;
  const found: number[] = [];
  for (let place = 0; place < versions.length; place += 1) {
    const version = versions[place] as number;
    const pkg = packages[place] as number;
    if (selection !== 'installed' && marks.candidate(pkg) === version) found.push(version);
    else if (selection !== 'candidate' && marks.pool.current(pkg) === version) found.push(version);
  }
  return found;
}

/** Decided by the request to go, or not to come. */
export function isBoundAbsent(marks: Marks, pkg: number): boolean {
  if (!marks.isProtected(pkg)) return false;
  const mode = marks.mode(pkg);
  return mode === 'delete' || (mode === 'keep' && marks.pool.current(pkg) === 0);
}

/** Protected first, then `Multi-Arch: same` with a sibling that is installed, installed, at last as if all were new. */
function compareProviders(marks: Marks, { name }: Alternative, a: number, b: number): number {
  const { pool } = marks;
  const [left, right] = [pool.packageOf(a), pool.packageOf(b)];
  return (
    first(marks.isProtected(left), marks.isProtected(right)) ||
    first(hasSibling(marks, a, left), hasSibling(marks, b, right)) ||
    first(pool.current(left) !== 0, pool.current(right) !== 0) ||
    compareNewProviders(pool, name, a, b)
  );
}

/**
 * The order of versions of packages that are not installed and that nothing was decided of: the name that is asked for
 * first, then essential, important, the first architecture, the higher priority; `last` decides the rest: for classic apt
 * what the index mentions later.
 */
export function compareNewProviders(
  pool: Pool,
  name: string,
  a: number,
  b: number,
  last = mentionedLater,
): number {
  const [left, right] = [pool.packageOf(a), pool.packageOf(b)];
  return (
    first(pool.name(left) === name, pool.name(right) === name) ||
    first(pool.isEssential(left), pool.isEssential(right)) ||
    first(pool.isProtected(left), pool.isProtected(right)) ||
    archPlace(pool, left) - archPlace(pool, right) ||
    priorityPlace(pool, a) - priorityPlace(pool, b) ||
    last(pool, left, right)
  );
}

function mentionedLater(pool: Pool, left: number, right: number): number {
  return pool.order(right) - pool.order(left);
}

/** Negative if only the first holds. */
export const first = (a: boolean, b: boolean): number => Number(b) - Number(a);

/** Whether it is `Multi-Arch: same` and some architecture of it is installed. */
export function hasSibling({ pool }: Marks, version: number, pkg: number): boolean {
  if (!pool.isMultiArch) return false;
  const { view } = pool;
  if (view.universe(version).multiArch(view.index(version)) !== 'same') return false;
  return pool.group(pool.name(pkg)).some((sibling) => pool.current(sibling) !== 0);
}

function archPlace(pool: Pool, pkg: number): number {
  return pool.archs.indexOf(pool.arch(pkg));
}

function priorityPlace({ view }: Pool, version: number): number {
  return packagePriorities.indexOf(view.universe(version).priority(view.index(version)));
}
