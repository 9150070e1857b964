import type { Labels } from '../../proto/labels.ts';
import { applyingSpecs } from './app-lines.ts';
import {
  isBound,
  type LabelPlan,
  noPins,
  type PacketIndex,
  type Pins,
  type SpecEntry,
} from './model.ts';
import type { PackageWorld } from './package-model.ts';
import { planPackages } from './package-plan.ts';
import { planLabels } from './plan.ts';

/** Everything but labels and specs that a plan follows from. */
export interface PlanWorld {
  packets: PacketIndex;
  packages: PackageWorld;
  locks: SpecPins;
}

/** What the locks of specs decide. */
export interface SpecPins {
  /** Of the row that serves devices with these labels; undefined: the lock has none. */
  pinsOf(spec: string, labels: Labels): Pins | undefined;
}

/**
 * What devices with these labels should have: packets, and packages with all that they need. Bound specs have
 * what their lock says, wherever their lines still allow it. Independent of the order of specs, packets and sources.
 */
export function planLabelset(
  labels: Labels,
  specs: readonly SpecEntry[],
  world: PlanWorld,
): LabelPlan {
  const applying = applyingSpecs(labels, specs);
  const pins = pinsFor(labels, applying, world.locks);
  const plan = planLabels(labels, applying, world.packets, pins);
  const packages = planPackages({
    ...{ labels, applying, packets: plan.packets },
    ...{ world: world.packages, pins },
  });
  if (!packages || !plan.spec) return plan;
  return { ...plan, packages, spec: { ...plan.spec, packages: packages.spec } };
}

/** What the locks of the bound specs say together; of several, the spec of higher precedence. */
export function pinsFor(labels: Labels, applying: readonly SpecEntry[], locks: SpecPins): Pins {
  const bound = applying.filter(isBound);
  if (bound.length === 0) return noPins;
  const rows = bound.flatMap(({ id }) => locks.pinsOf(id, labels) ?? []).reverse();
  const held = new Set(bound.filter((spec) => spec.held).map(({ id }) => id));
  return {
    packets: new Map(rows.flatMap((row) => [...row.packets])),
    packages: new Map(rows.flatMap((row) => [...row.packages])),
    whole: new Set(rows.flatMap((row) => [...row.whole])),
    rows: new Map(rows.flatMap((row) => [...row.rows]).filter(([id]) => held.has(id))),
  };
}

/** The problems of a plan, of packets, packages and policy. */
export function problemsOf({ problems, packages, policy }: LabelPlan): LabelPlan['problems'] {
  const more = [...(packages?.problems ?? []), ...policy.problems];
  return more.length > 0 ? [...problems, ...more] : problems;
}
