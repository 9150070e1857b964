import { needsConfirmation, type SharedChange, sumImpact } from '../../core/impact.ts';

/** What devices lose without a successor, and how much of it was there for the sake of each spec. */
export interface Loss {
  change: SharedChange;
  /** Packets and packages per device, by id of the spec. */
  specs: ReadonlyMap<string, number>;
}

/** What a renewal would take for the sake of one spec. */
export interface SpecLoss {
  removals: number;
  devicesLosing: number;
  devicesEmptied: number;
}

/**
 * The part of a change that these specs lose; null: nothing. `owners` gives the spec for whose sake a packet (by id) or a
 * package (by `name:arch`) is there.
 */
export function lossIn(
  { change, ...shared }: SharedChange,
  owners: (key: string) => string | undefined,
  specs: ReadonlySet<string>,
): Loss | null {
  const counts = new Map<string, number>();
  const isLost = (key: string): boolean => {
    const owner = owners(key);
    if (owner === undefined || !specs.has(owner)) return false;
    counts.set(owner, (counts.get(owner) ?? 0) + 1);
    return true;
  };
  const removals = change.removals.filter(({ id }) => isLost(id));
  const packages = change.packages.removals.filter(({ name, arch }) => isLost(`${name}:${arch}`));
  if (counts.size === 0) return null;
  const lost = { ...change, removals, packages: { ...change.packages, removals: packages } };
  return { change: { ...shared, change: lost }, specs: counts };
}

/** Whether losses together may not go through unconfirmed; `percent` of all `devices` may lose something. */
export function isTooMuch(losses: readonly Loss[], devices: number, percent: number): boolean {
  if (losses.length === 0) return false;
  return needsConfirmation(sumImpact(losses.map(({ change }) => change)), devices, percent);
}

/** The losses of each spec that has any. */
export function lossesBySpec(losses: readonly Loss[]): Map<string, SpecLoss> {
  const bySpec = new Map<string, SpecLoss>();
  for (const { change, specs } of losses)
    for (const [spec, count] of specs) {
      const sum = bySpec.get(spec) ?? { removals: 0, devicesLosing: 0, devicesEmptied: 0 };
      sum.removals += change.devices * count;
      sum.devicesLosing += change.devices;
      if (change.change.emptied) sum.devicesEmptied += change.devices;
      bySpec.set(spec, sum);
    }
  return bySpec;
}
