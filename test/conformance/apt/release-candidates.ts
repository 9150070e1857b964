import type { Alternative, Group, Groups } from '../../../server/resolver/core/deb/groups.ts';
import type { Pool } from '../../../server/resolver/core/deb/pool.ts';

/** Versions that a command line made the candidates of their packages. */
export type Candidates = Map<number, number>;

/**
 * `name/release`: makes the version the candidate, and of what it needs the versions of that release where the present
 * candidates do not serve. If something cannot be had so, only the version itself is decided.
 */
export function chooseRelease(
  { pool, groups }: { pool: Pool; groups: Groups },
  version: number,
  isReleased: (version: number) => boolean,
  candidates: Candidates,
): void {
  const candidate = (pkg: number): number => candidates.get(pkg) ?? pool.candidate(pkg);
  const serves = ({ versions, packages }: Alternative, also: (one: number) => boolean): boolean =>
    versions.some((one, place) => candidate(packages[place] ?? -1) === one && also(one));
  const needs = (one: number): Group[] =>
    groups.of(one).filter(({ isNegative, isCritical }) => !isNegative && isCritical);
  /** The candidates serve all that it needs, and all that these need. */
  const isInstallable = (one: number, above: readonly number[] = []): boolean =>
    above.includes(one) ||
    needs(one).every(({ alternatives }) =>
      alternatives.some((each) => serves(each, (next) => isInstallable(next, [...above, one]))),
    );

  function switchOne(alternative: Alternative): boolean {
    if (!alternative.isVersioned) return false;
    const own = alternative.versions.slice(0, alternative.ownCount).find(isReleased);
    if (own === undefined || candidate(pool.packageOf(own)) === own) return false;
    const before = new Map(candidates);
    candidates.set(pool.packageOf(own), own);
    if (switchNeeds(own)) return true;
    candidates.clear();
    for (const [pkg, old] of before) candidates.set(pkg, old);
    return false;
  }

  function switchNeeds(one: number): boolean {
    return groups
      .of(one)
      .filter(({ isNegative }) => !isNegative)
      .every(
        ({ alternatives, isCritical }) =>
          alternatives.some((each) => serves(each, (next) => isInstallable(next))) ||
          alternatives.some(switchOne) ||
          !isCritical,
      );
  }

  candidates.set(pool.packageOf(version), version);
  const decided = new Map(candidates);
  if (switchNeeds(version)) return;
  candidates.clear();
  for (const [pkg, old] of decided) candidates.set(pkg, old);
}
