import type { Want } from '../resolution.ts';
import type { Groups } from './groups.ts';
import type { Pool } from './pool.ts';

/** The package that a want means, and the version that is to be taken; or why there is none. */
export type Wanted =
  | { kind: 'found'; want: Want; pkg: number; version: number }
  | { kind: 'missing'; want: Want; why: Missing };

/** Nothing of that name counts; several packages provide it; no version in the range, or only lower ones; no candidate. */
export type Missing = 'unknown' | 'ambiguous' | 'version' | 'downgrade' | 'no-candidate';

interface Parts {
  pool: Pool;
  groups: Groups;
}

/**
 * Finds what a want means, as `apt-get install` does: a name that only one package provides means that one. Without
 * `downgrade` a lower version than what is installed is refused.
 */
export function findWanted(
  parts: Parts,
  want: Want,
  inRange: (version: string) => boolean,
  candidateOf: (pkg: number) => number,
  downgrade: boolean,
): Wanted {
  const { pool } = parts;
  const packages = candidatesFor(pool, want);
  if (packages.length === 0) return findProvider(parts, want, candidateOf);
  for (const pkg of packages) {
    const version = want.version === undefined ? candidateOf(pkg) : best(pool, pkg, inRange);
    if (version === 0) continue;
    if (!downgrade && isLower(pool, pkg, version))
      return { kind: 'missing', want, why: 'downgrade' };
    return { kind: 'found', want, pkg, version };
  }
  return { kind: 'missing', want, why: want.version === undefined ? 'no-candidate' : 'version' };
}

/** Whether a version is lower than what is installed. */
function isLower(pool: Pool, pkg: number, version: number): boolean {
  const current = pool.current(pkg);
  if (current === 0 || current === version) return false;
  const versions = pool.versions(pkg);
  return versions.indexOf(version) > versions.indexOf(current);
}

function candidatesFor(pool: Pool, { name, arch }: Want): readonly number[] {
  if (arch === undefined) return pool.group(name);
  const pkg = pool.find(name, arch === 'all' ? pool.native : arch);
  return pkg < 0 ? [] : [pkg];
}

/** The highest version in the range; the candidate, if it lies in it. */
function best(pool: Pool, pkg: number, inRange: (version: string) => boolean): number {
  const { view } = pool;
  const fits = (id: number): boolean => id !== 0 && inRange(view.version(id));
  const candidate = pool.candidate(pkg);
  if (fits(candidate)) return candidate;
  return pool.versions(pkg).find((id) => fits(id) && view.priority(id) >= 0) ?? 0;
}

/**
 * A name that nothing has but one package provides means that package: of candidates only those of the highest priority
 * count. With a version it means whatever provides exactly that version, if it is one package.
 */
function findProvider(parts: Parts, want: Want, candidateOf: (pkg: number) => number): Wanted {
  const { pool, groups } = parts;
  const { view } = pool;
  const provided = groups.providersOf(want.name, want.arch ?? pool.native, want.version);
  const offered = provided.filter(
    (id) => want.version !== undefined || candidateOf(pool.packageOf(id)) === id,
  );
  const highest = Math.max(...offered.map(view.priority));
  const best = offered.filter((id) => want.version !== undefined || view.priority(id) === highest);
  const [version] = best;
  if (version === undefined) return { kind: 'missing', want, why: 'unknown' };
  const packages = new Set(best.map((id) => pool.packageOf(id)));
  if (packages.size > 1) return { kind: 'missing', want, why: 'ambiguous' };
  return { kind: 'found', want, pkg: pool.packageOf(version), version };
}
