import type { Want } from '../resolution.ts';
import type { Pool } from './pool.ts';

/** The package that a want means, and the version that is to be taken; or why there is none. */
export type Wanted =
  | { kind: 'found'; want: Want; pkg: number; version: number }
  | { kind: 'missing'; want: Want; why: Missing };

/** Nothing of that name counts; several packages provide it; no version in the range, or only lower ones; no candidate. */
export type Missing = 'unknown' | 'ambiguous' | 'version' | 'downgrade' | 'no-candidate';

/** Finds what a want means, as `apt-get install` does: a name that only one package provides means that one. */
export function findWanted(
  pool: Pool,
  want: Want,
  inRange: (version: string) => boolean,
  candidateOf: (pkg: number) => number,
): Wanted {
  const packages = candidatesFor(pool, want);
  if (packages.length === 0) return findProvider(pool, want, candidateOf);
  for (const pkg of packages) {
    const version = want.version === undefined ? candidateOf(pkg) : best(pool, pkg, inRange);
    if (version !== 0) return { kind: 'found', want, pkg, version };
  }
  return { kind: 'missing', want, why: want.version === undefined ? 'no-candidate' : 'version' };
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

function findProvider(pool: Pool, want: Want, candidateOf: (pkg: number) => number): Wanted {
  const { view } = pool;
  const arch = want.arch ?? pool.native;
  const providers = new Map<number, number>();
  for (const version of view.providers(want.name)) {
    const pkg = pool.packageOf(version);
    if (candidateOf(pkg) === version && servesArch(pool, version, arch))
      providers.set(pkg, version);
  }
  if (providers.size === 0) return { kind: 'missing', want, why: 'unknown' };
  const [only] = providers;
  if (providers.size > 1 || !only) return { kind: 'missing', want, why: 'ambiguous' };
  return { kind: 'found', want, pkg: only[0], version: only[1] };
}

function servesArch(pool: Pool, version: number, arch: string): boolean {
  const { view } = pool;
  if (pool.arch(pool.packageOf(version)) === arch) return true;
  return view.universe(version).multiArch(view.index(version)) === 'foreign';
}
