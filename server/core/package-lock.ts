import type { PlanProblem } from '../../proto/api.ts';
import { LOCK_SCHEMA, type Lock, type LockedPackage } from '../../proto/lock.ts';
import type { PackageType } from '../../proto/package-line.ts';
import type { PlannedPackage } from '../../proto/package-views.ts';
import type { Resolution } from '../resolver/core/resolution.ts';
import type { PackageWant } from './package-lines.ts';
import type { LockText, PackageWorld } from './package-model.ts';

/** What a lock is made of. */
export interface LockParts {
  type: PackageType;
  /** Names that cannot be served: they are kept. */
  problems: readonly PlanProblem[];
  wants: readonly PackageWant[];
  /** Without versions. */
  auto: boolean;
  resolution: Resolution;
  unindexed: readonly PlannedPackage[];
}

/** The lock, made once for each resolution and what else it depends on. */
export function makeLock({ world, ...parts }: LockParts & { world: PackageWorld }): LockText {
  const { type, problems, wants, auto, resolution, unindexed } = parts;
  const unverified = wants.filter(({ verify }) => !verify).map(({ name }) => name);
  const key = JSON.stringify([
    ...[type, auto, unverified],
    problems.map(({ name, code }) => [name, code]),
    unindexed.map(({ name, version, arch, source }) => [name, version, arch, source]),
  ]);
  return world.remember(resolution, key, () => world.lockText(lockOf(parts)));
}

/** The lock of what was chosen, sorted by name, then architecture. */
export function lockOf(parts: LockParts): Lock {
  const { type, problems, wants, auto, resolution, unindexed } = parts;
  const unverified = new Set(wants.filter(({ verify }) => !verify).map(({ name }) => name));
  const entry = (one: Omit<LockedPackage, 'verify'>): LockedPackage => ({
    name: one.name,
    version: one.version,
    arch: one.arch,
    auto: one.auto,
    verify: !unverified.has(one.name),
    source: one.source,
    size: one.size,
    installedSize: one.installedSize,
  });
  const chosen = resolution.packages.map((one) => entry(auto ? { ...one, version: null } : one));
  const packages = [...chosen, ...unindexed.map(entry)].sort(comparePackages);
  // What cannot be served as it is wanted may come as a prerequisite of something else.
  const names = new Set(packages.map(({ name }) => name));
  const kept = problems.filter(({ name }) => !names.has(name));
  return {
    schema: LOCK_SCHEMA,
    type,
    packages,
    keep: kept.map(({ name, code }) => ({ name, problem: code })),
  };
}

/** The canonical JSON of a lock (RFC 8785): members in the order of their names. */
export function lockJson({ keep, packages, schema, type }: Lock): string {
  return JSON.stringify({
    keep: keep.map(({ name, problem }) => ({ name, problem })),
    packages: packages.map((one) => ({
      arch: one.arch,
      auto: one.auto,
      installedSize: one.installedSize,
      name: one.name,
      size: one.size,
      source: one.source,
      verify: one.verify,
      version: one.version,
    })),
    schema,
    type,
  });
}

/** By name, then architecture. */
export function comparePackages(
  a: { name: string; arch: string },
  b: { name: string; arch: string },
): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.arch < b.arch ? -1 : a.arch > b.arch ? 1 : 0;
}
