import type { Lock, LockedPackage } from '../../proto/lock.ts';
import type { PackageRef, PackagesChange } from '../../proto/package-views.ts';
import { comparePackages } from './package-lock.ts';
import { comparePackageVersions } from './package-version.ts';

/** What a comparison of packages looks at. Without a type the order of versions is not known. */
export type Packages = Pick<Lock, 'packages' | 'keep'> & Partial<Pick<Lock, 'type'>>;

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
  const change: Required<PackagesChange> = {
    ...{ installs: [], upgrades: [], downgrades: [], removals: [] },
  };
  const isLower = lowerBetween(before, after);
  for (const [key, to] of next) {
    const from = old.get(key);
    if (from && from.version !== to.version) {
      const list = isLower(from, to) ? change.downgrades : change.upgrades;
      list.push({ from: refOf(from), to: refOf(to) });
    } else if (!from && !kept.has(to.name)) change.installs.push(refOf(to));
  }
  // What kept packages need stays with them, and the lock does not say which these are.
  const uncertain = after.keep.length > 0;
  for (const [key, one] of old) {
    if (next.has(key) || names.has(one.name) || (uncertain && one.auto)) continue;
    change.removals.push(refOf(one));
  }
  change.installs.sort(comparePackages);
  change.removals.sort(comparePackages);
  for (const list of [change.upgrades, change.downgrades])
    list.sort((a, b) => comparePackages(a.to, b.to));
  return change.downgrades.length > 0 ? change : withoutDowngrades(change);
}

/** Whether the second of two packages of these locks has a lower version. */
function lowerBetween(before: Packages, after: Packages) {
  const { type } = after;
  return (from: PackageRef, to: PackageRef): boolean =>
    type !== undefined &&
    type === before.type &&
    from.version !== null &&
    to.version !== null &&
    comparePackageVersions(type, from.version, to.version) > 0;
}

/** What is left of a change where no package may go to a lower version: such packages stay as they are. */
export function withoutDowngrades({
  installs,
  upgrades,
  removals,
}: PackagesChange): PackagesChange {
  return { installs, upgrades, removals };
}

export function isUnchanged(change: PackagesChange): boolean {
  const { installs, upgrades, downgrades = [], removals } = change;
  return installs.length + upgrades.length + downgrades.length + removals.length === 0;
}

function keyOf({ name, arch }: Pick<LockedPackage, 'name' | 'arch'>): string {
  return `${name}:${arch}`;
}

function refOf({ name, version, arch }: PackageRef): PackageRef {
  return { name, version, arch };
}
