import type { LabelPlan } from '../core/model.ts';
import type { ChosenPackage } from '../core/package-model.ts';
import { packagesBySpec } from '../locks/core/lock-table.ts';

/** What the plan of a labelset chose for the sake of each spec, in the order of the lock. */
export type ChosenPackages = ReadonlyMap<string, readonly ChosenPackage[]>;

/**
 * What a plan chose for these specs (ids), in little memory: 8 bytes for each package of a labelset, and what plans on one
 * view share.
 */
export function chosenPackages(plan: LabelPlan, specs: ReadonlySet<string>): ChosenPackages {
  if (specs.size === 0) return new Map();
  return new Map([...packagesBySpec(plan)].filter(([spec]) => specs.has(spec)));
}
