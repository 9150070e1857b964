import type { Alternative } from './groups.ts';
import type { Marks } from './marks.ts';

/** An installed package that names another one in a need, or in a Recommends that is to be followed. */
interface Dependent {
  pkg: number;
  alternative: Alternative;
}

/** Which installed packages name a package. */
export type Dependents = (pkg: number) => readonly Dependent[];

/** Looks at what is installed once, when it is first asked. */
export function createDependents(marks: Marks): Dependents {
  let byName: Map<number, Dependent[]> | null = null;
  return (pkg) => {
    byName ??= readDependents(marks);
    return byName.get(pkg) ?? [];
  };
}

function readDependents(marks: Marks): Map<number, Dependent[]> {
  const { pool, groups } = marks;
  const byName = new Map<number, Dependent[]>();
  for (const pkg of pool.installed()) {
    const current = pool.current(pkg);
    for (const group of groups.of(current)) {
      if (group.isNegative || !marks.isWanted(current, group)) continue;
      for (const alternative of group.alternatives) {
        const target = pool.find(alternative.name, pool.arch(pkg));
        const known = byName.get(target);
        if (known) known.push({ pkg, alternative });
        else byName.set(target, [{ pkg, alternative }]);
      }
    }
  }
  return byName;
}

/** Installed packages, not yet to be upgraded, that the present version of a package serves and its candidate does not. */
export function leftBehind(marks: Marks, dependents: Dependents, pkg: number): number[] {
  const current = marks.pool.current(pkg);
  const candidate = marks.candidate(pkg);
  if (current === 0 || candidate === current) return [];
  const left = dependents(pkg).filter(
    ({ pkg: other, alternative: { versions } }) =>
      marks.mode(other) !== 'install' &&
      versions.includes(current) &&
      !versions.includes(candidate),
  );
  return [...new Set(left.map((one) => one.pkg))];
}
