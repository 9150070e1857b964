import type { Lock, LockedPackage } from '../../proto/lock.ts';
import type { PackageRef, PackagesChange } from '../../proto/package-views.ts';
import { comparePackages } from './package-lock.ts';

/** What a comparison of packages looks at. */
export type Packages = Pick<Lock, 'packages' | 'keep'>;

export const noPackages: Packages = { packages: [], keep: [] };
export const noPackagesChange: PackagesChange = { installs: [], upgrades: [], removals: [] };

/**
 * What changes among packages when one lock takes the place of another. A package that is kept because of a problem, or
 * comes in another architecture, is not removed.
 */
export function comparePackageLists(before: Packages, after: Packages): PackagesChange {
  const old = new Map(before.packages.map((one) => [keyOf(one), one]));
  const next = new Map(after.packages.map((one) => [keyOf(one), one]));
  const names = new Set([...after.packages, ...after.keep].map(({ name }) => name));
  const kept = new Set(before.keep.map(({ name }) => name));
  const change: PackagesChange = { installs: [], upgrades: [], removals: [] };
  for (const [key, to] of next) {
    const from = old.get(key);
    if (from && from.version !== to.version)
      change.upgrades.push({ from: refOf(from), to: refOf(to) });
    else if (!from && !kept.has(to.name)) change.installs.push(refOf(to));
  }
  // What kept packages need stays with them, and the lock does not say which these are.
  const uncertain = after.keep.length > 0;
  for (const [key, one] of old) {
    if (next.has(key) || names.has(one.name) || (uncertain && one.auto)) continue;
    change.removals.push(refOf(one));
  }
  change.installs.sort(comparePackages);
  change.removals.sort(comparePackages);
  change.upgrades.sort((a, b) => comparePackages(a.to, b.to));
  return change;
}

export function isUnchanged({ installs, upgrades, removals }: PackagesChange): boolean {
  return installs.length + upgrades.length + removals.length === 0;
}

function keyOf({ name, arch }: Pick<LockedPackage, 'name' | 'arch'>): string {
  return `${name}:${arch}`;
}

function refOf({ name, version, arch }: PackageRef): PackageRef {
  return { name, version, arch };
}
