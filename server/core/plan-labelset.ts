import type { Labels } from '../../proto/labels.ts';
import { applyingSpecs } from './app-lines.ts';
import { type LabelPlan, noPins, type PacketIndex, type Pins, type SpecEntry } from './model.ts';
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
 * What devices with these labels should have: packets, and packages with all that they need. Specs with `updates: manual`
 * have what their lock says, wherever their lines still allow it. Independent of the order of specs, packets and sources.
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

/** What the locks of the manual specs say together; of several, the spec of higher precedence. */
export function pinsFor(labels: Labels, applying: readonly SpecEntry[], locks: SpecPins): Pins {
  const manual = applying.filter(({ updates }) => updates === 'manual');
  if (manual.length === 0) return noPins;
  const rows = manual.flatMap(({ id }) => locks.pinsOf(id, labels) ?? []).reverse();
  return {
    packets: new Map(rows.flatMap((row) => [...row.packets])),
    packages: new Map(rows.flatMap((row) => [...row.packages])),
    whole: new Set(rows.flatMap((row) => [...row.whole])),
  };
}

/** The problems of a plan, of packets and packages. */
export function problemsOf({ problems, packages }: LabelPlan): LabelPlan['problems'] {
  return packages ? [...problems, ...packages.problems] : problems;
}
