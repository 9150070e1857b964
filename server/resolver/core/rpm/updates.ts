import type { Pool } from './pool.ts';
import { relationText } from './relation.ts';

/** What may take an installed package's place. */
export interface UpdateLimits {
  allowDowngrade: boolean;
  allowArchChange: boolean;
  allowNameChange: boolean;
}

/** Whether `a` obsoletes `b`: by its name and version, not by what it provides. */
export function obsoletes(pool: Pool, a: number, b: number): boolean {
  if (a === b) return false;
  return pool
    .relations(a, 'obsoletes')
    .some((relation) => relation.kind === 'plain' && pool.isWithin(b, relation));
}

/** The relations by which `a` obsoletes `b`. */
export function obsoletingTexts(pool: Pool, a: number, b: number): string[] {
  return pool
    .relations(a, 'obsoletes')
    .filter((relation) => relation.kind === 'plain' && pool.isWithin(b, relation))
    .map(relationText);
}

/** Packages that can be installed and obsolete `id`, ascending. */
export function obsoletersOf(pool: Pool, id: number): number[] {
  return pool
    .mentioning('obsoletes', pool.name(id))
    .filter(
      (other) =>
        other !== id &&
        !pool.isInstalled(other) &&
        pool.archRank(other) !== null &&
        obsoletes(pool, other, id),
    );
}

/** From one architecture to another; an independent one changes into any. */
export function isArchChange(pool: Pool, from: number, to: number): boolean {
  const [a, b] = [pool.archRank(from), pool.archRank(to)];
  return a !== 0 && b !== 0 && a !== b;
}

/** Whether both are the same package: name, version and architecture. */
export function isSamePackage(pool: Pool, a: number, b: number): boolean {
  return (
    pool.name(a) === pool.name(b) &&
    pool.arch(a) === pool.arch(b) &&
    pool.version(a) === pool.version(b)
  );
}

/** Packages of the sources with the installed one's name that may take its place, ascending. */
export function sameNameUpdates(pool: Pool, id: number, limits: UpdateLimits): number[] {
  return pool
    .named(pool.name(id))
    .filter(
      (other) =>
        !pool.isInstalled(other) &&
        pool.archRank(other) !== null &&
        !isSamePackage(pool, id, other) &&
        (limits.allowArchChange || !isArchChange(pool, id, other)) &&
        (limits.allowDowngrade || pool.flavour.compare(pool.version(other), pool.version(id)) >= 0),
    );
}

/** All that may take the installed package's place, ascending. */
export function updatesOf(pool: Pool, id: number, limits: UpdateLimits): number[] {
  const mayReplace = (other: number): boolean =>
    limits.allowNameChange && (limits.allowArchChange || !isArchChange(pool, id, other));
  const obsoleters = obsoletersOf(pool, id).filter(mayReplace);
  return [...new Set([...sameNameUpdates(pool, id, limits), ...obsoleters])].sort((a, b) => a - b);
}
