import type { Lock } from '../../proto/lock.ts';
import { matches } from '../../proto/selector.ts';
import type { SpecEntry } from '../core/model.ts';
import { type PlanWorld, planLabelset } from '../core/plan-labelset.ts';
import {
  type Choice,
  choiceOf,
  type LockRow,
  type LockTable,
  tableOf,
} from '../locks/core/lock-table.ts';
import { nativeDigestOf } from '../system/native-digest.ts';
import type { SpecIndex } from './core/spec-index.ts';
import type { Fleet } from './fleet.ts';

/** Where it stands what labelsets got. */
export interface LastPlans {
  fleet: Pick<Fleet, 'keys' | 'labelsets'>;
  /** The specs that the plans were made from. */
  specs: SpecIndex;
  world: PlanWorld;
  lockText: (digest: string) => Promise<string | undefined>;
}

/**
 * What a spec chose for its labelsets when they were planned last. Versions are those of the locks that devices have, though
 * a source may offer others by now.
 */
export async function lastChosen(
  { id, target }: SpecEntry,
  { fleet, specs, world, lockText }: LastPlans,
): Promise<{ table: LockTable; choices: Map<string, Choice> }> {
  const rows: LockRow[] = [];
  const choices = new Map<string, Choice>();
  for (const { labels, outcome } of [...fleet.labelsets()]) {
    if (!outcome || !matches(target, labels)) continue;
    const chosen = choiceOf(planLabelset(labels, specs.candidates(labels), world), id);
    const text = outcome.body.lock && (await lockText(outcome.body.lock.digest));
    const choice = text ? versionsOf(chosen, JSON.parse(text) as Lock) : chosen;
    const digest = nativeDigestOf(choice);
    choices.set(digest, choice);
    rows.push({ labels, choice: digest });
  }
  return { table: tableOf(fleet.keys, rows), choices };
}

/** The choice with the versions of a lock; what the lock lacks was not chosen. */
function versionsOf(chosen: Choice, { packages }: Lock): Choice {
  const known = new Map(packages.map(({ name, arch, version }) => [`${name}:${arch}`, version]));
  const versions = Object.keys(chosen.packages).flatMap((key) => {
    const version = known.get(key);
    return version === undefined ? [] : [[key, version] as const];
  });
  return { packets: chosen.packets, packages: Object.fromEntries(versions) };
}
