import type { InstalledPackage, Lock } from '../../../proto/lock.ts';
import {
  MAX_CHOSEN_PACKAGES,
  MAX_WRONG_PACKAGES,
  type ReportedPackages,
} from '../../../proto/reported.ts';
import type { PackageFinding } from './package-finding.ts';
import { isSamePlace } from './present-package.ts';

/** Fifty of these fit into a report beside everything else. */
const MAX_ERROR = 400;

/** What a device reports of its packages: how many of the lock are right, what is not, and what the device chose. */
export function reportedPackages(
  lock: Lock,
  installed: readonly InstalledPackage[],
  findings: readonly PackageFinding[],
): ReportedPackages {
  const wrong = new Set(findings.map(({ name }) => name));
  const free = lock.packages.filter(({ version }) => version === null);
  const chosen = free.flatMap((one) => {
    const there = installed.find((other) => isSamePlace(one, other));
    return there ? [{ name: there.name, version: there.version, arch: there.arch }] : [];
  });
  return {
    installed: lock.packages.filter(({ name }) => !wrong.has(name)).length,
    wrong: findings.slice(0, MAX_WRONG_PACKAGES).map(({ name, status, error }) => ({
      name: name.slice(0, 256),
      status,
      error: error?.slice(0, MAX_ERROR) ?? null,
    })),
    ...(chosen.length > 0 && { chosen: chosen.slice(0, MAX_CHOSEN_PACKAGES) }),
  };
}

/** The names that jamesd has installed after a change: those of before that are there yet, and those that came. */
export function managedAfter(
  managed: ReadonlySet<string>,
  before: readonly InstalledPackage[],
  after: readonly InstalledPackage[],
): string[] {
  const had = new Set(before.map(({ name }) => name));
  const names = after.map(({ name }) => name);
  return [...new Set(names.filter((name) => managed.has(name) || !had.has(name)))].sort();
}
