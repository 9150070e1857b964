import { isKept } from '../../proto/desired.ts';
import type { LabelPlan } from '../core/model.ts';
import type { Cell } from './cells.ts';
import type { ChosenPackages } from './chosen-packages.ts';
import { type Comparison, givenPackage } from './comparison.ts';
import { linesOf } from './core/body.ts';
import { type Loss, lossIn } from './core/renewal.ts';
import { type Given, packageRef } from './given.ts';

interface Judged {
  given: Given;
  plan: LabelPlan;
  /** What the plan chose for each of the specs. */
  chosen: ChosenPackages;
  specs: ReadonlySet<string>;
}

/** What devices of a cell lose of what they were given for the sake of these specs, when a plan is carried out. */
export function lossesOf(
  cell: Cell,
  { given, plan, chosen, specs }: Judged,
  comparison: Comparison,
): Loss[] {
  if (!losesPackets(given, plan, specs) && !losesPackages({ given, plan, chosen, specs }))
    return [];
  const owned = [...given.packages.values()].flat();
  const packages = owned.length === 0 ? null : { packages: owned.map(asGiven), keep: [] };
  const owners = ownersOf(given);
  return comparison
    .given(cell, { lines: given.lines, packages }, plan)
    .flatMap((change) => lossIn(change, (key) => owners.get(key), specs) ?? []);
}

const asGiven = (one: Parameters<typeof packageRef>[0]) => givenPackage(packageRef(one));

function losesPackets({ lines }: Given, plan: LabelPlan, specs: ReadonlySet<string>): boolean {
  if (lines.length === 0) return false;
  const names = new Set(linesOf(plan).map(({ name }) => name));
  return lines.some(
    (line) => !isKept(line) && !names.has(line.name) && specs.has(line.reason.spec),
  );
}

/** Whether a key is missing: quick where a spec has the same packages as before. */
function losesPackages({ given, plan, chosen, specs }: Judged): boolean {
  let keys: Set<string> | undefined;
  for (const [spec, list] of given.packages) {
    const same = chosen.get(spec) ?? [];
    const isSame =
      same.length === list.length && list.every(({ key }, index) => key === same[index]?.key);
    if (isSame || !specs.has(spec)) continue;
    keys ??= new Set((plan.packages?.owned().packages ?? []).map(({ key }) => key));
    const present = keys;
    if (list.some(({ key }) => !present.has(key))) return true;
  }
  return false;
}

/** The spec for whose sake a packet (by id) or a package (by `name:arch`) was given. */
function ownersOf({ lines, packages }: Given): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  for (const [spec, list] of packages) for (const { key } of list) owners.set(key, spec);
  for (const line of lines) if (!isKept(line)) owners.set(line.id, line.reason.spec);
  return owners;
}
