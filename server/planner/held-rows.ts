import type { Labels } from '../../proto/labels.ts';
import type { PackageRef } from '../../proto/package-views.ts';
import { matches } from '../../proto/selector.ts';
import { isBound, type LabelPlan, type SpecEntry } from '../core/model.ts';
import { nameOf } from '../core/package-request.ts';
import type { SpecPins } from '../core/plan-labelset.ts';
import { indexSpecs, type SpecIndex } from './core/spec-index.ts';

/** The specs without their holds. */
export function freed(specs: SpecIndex, held: ReadonlySet<string>): SpecIndex {
  return indexSpecs(
    specs.all.map((spec) => {
      if (!spec.held || !held.has(spec.id)) return spec;
      const { held: _, ...free } = spec;
      return free;
    }),
  );
}

/**
 * What devices have by the rows of bound specs, though a plan that follows them may not say so: it could not serve all, or
 * something else would have to come for it.
 */
export function keptPackages(
  labels: Labels,
  plan: LabelPlan,
  { specs, world }: { specs: SpecIndex; world: { locks: SpecPins } },
): PackageRef[] {
  if (!plan.packages || plan.packages.problems.length === 0) return [];
  const bound = specs
    .candidates(labels)
    .filter((spec) => isBound(spec) && matches(spec.target, labels));
  return bound.flatMap(({ id }) => rowPackages(world.locks, id, labels));
}

/** The packages of the row that serves devices with these labels, if the lock is whole. */
export function rowPackages(locks: SpecPins, spec: string, labels: Labels): PackageRef[] {
  const row = locks.pinsOf(spec, labels)?.rows.get(spec) ?? {};
  return Object.entries(row).map(([key, version]) => ({
    ...{ name: nameOf(key), version, arch: key.slice(key.lastIndexOf(':') + 1) },
  }));
}

/** By the rows of these specs: for whose sake a packet (by id) or a package (by `name:arch`) is there. */
export function rowOwners(
  labels: Labels,
  specs: readonly SpecEntry[],
  locks: SpecPins,
): (key: string) => string | undefined {
  const rows = specs.flatMap(({ id }) => {
    const pins = locks.pinsOf(id, labels);
    return pins ? [{ id, packets: new Set(pins.packets.values()), row: pins.rows.get(id) }] : [];
  });
  return (key) => rows.find(({ packets, row }) => packets.has(key) || (row && key in row))?.id;
}
