import type { LabelPlan } from '../core/model.ts';
import { packagesBySpec } from '../locks/core/lock-table.ts';

/** A package by `name:arch` in a version; null: the device picks. Equal ones are mostly one object. */
export interface ChosenPackage {
  readonly key: string;
  readonly version: string | null;
}

/** What the plan of a labelset chose for the sake of each spec, in the order of the lock. */
export type ChosenPackages = ReadonlyMap<string, readonly ChosenPackage[]>;

/** Notes what plans chose in little memory: 8 bytes for each package of a labelset, and what is shared. */
export interface ChosenNotes {
  /** `specs`: ids of those whose choice is to be noted. */
  of(plan: LabelPlan, specs: ReadonlySet<string>): ChosenPackages;
}

/** So many packages in versions are shared; then all are forgotten, and later notes share anew. */
const MAX_SHARED = 100_000;

export function createChosenNotes(): ChosenNotes {
  const shared = new Map<string, Map<string, ChosenPackage>>();
  let count = 0;

  const share = (name: string, arch: string, version: string | null): ChosenPackage => {
    const mark = `${arch} ${version ?? ''}`;
    const known = shared.get(name)?.get(mark);
    if (known && known.version === version) return known;
    if (count >= MAX_SHARED) {
      shared.clear();
      count = 0;
    }
    const made = { key: `${name}:${arch}`, version };
    const versions = shared.get(name) ?? new Map<string, ChosenPackage>();
    shared.set(name, versions.set(mark, made));
    count += 1;
    return made;
  };

  return {
    of(plan, specs) {
      const noted = new Map<string, readonly ChosenPackage[]>();
      if (specs.size === 0) return noted;
      for (const [spec, packages] of packagesBySpec(plan))
        if (specs.has(spec))
          noted.set(
            spec,
            packages.map(({ name, arch, version }) => share(name, arch, version)),
          );
      return noted;
    },
  };
}
