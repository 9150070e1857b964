import type { PlanProblem } from '../../proto/api.ts';
import { matches } from '../../proto/selector.ts';
import { isBound, type LabelPlan, type SpecEntry } from '../core/model.ts';
import { type PlanWorld, planLabelset, problemsOf } from '../core/plan-labelset.ts';
import type { BindingLocks } from '../locks/binding-locks.ts';
import { type ChosenPackages, chosenPackages } from './chosen-packages.ts';
import type { Comparison } from './comparison.ts';
import { type Outcome, outcomeOf, planSignature } from './core/body.ts';
import type { Loss } from './core/renewal.ts';
import type { SpecIndex } from './core/spec-index.ts';
import type { Fleet, Labelset, LabelsetPackages } from './fleet.ts';
import { type Given, type GivenReader, keptOf } from './given.ts';
import type { LockStore } from './lock-store.ts';
import { lossesOf } from './losses.ts';
import { planAhead } from './plan-ahead.ts';
import type { AnswersAhead } from './plan-inputs.ts';
import type { Slices } from './slices.ts';

/** What a labelset is to get; nothing of it is in force yet. */
export interface NextPlan {
  labelset: Labelset;
  outcome: Outcome;
  problems: readonly PlanProblem[];
  packages: LabelsetPackages | null;
  /** What its devices were given last, where that was looked at. */
  given: Given | null;
  /** What they lose of it, if the labelset is judged. */
  losses: readonly Loss[];
}

export interface Planning {
  fleet: Fleet;
  specs: SpecIndex;
  /** Ids of specs that a person changed, or whose lock, since the last plans. */
  changed: ReadonlySet<string>;
  world: PlanWorld;
  ahead: AnswersAhead | null;
  /** Whether it has to be known what the devices of a labelset lose. */
  isJudged: (labelset: Labelset) => boolean;
  given: GivenReader;
  comparison: Comparison;
  slices: Slices;
  locks: Pick<BindingLocks, 'observe'>;
  lockStore: Pick<LockStore, 'keep'>;
}

/** Plans every stale labelset once, in any order. Equal plans share one outcome. */
export async function planStale(planning: Planning): Promise<NextPlan[]> {
  const shared = new Map<string, Outcome>();
  const found: NextPlan[] = [];
  const stale = [...planning.fleet.labelsets()].filter((labelset) => labelset.stale);
  const plan = async (labelset: Labelset, world: PlanWorld): Promise<void> => {
    found.push(await planOne(labelset, { ...planning, world }, shared));
  };
  await planAhead(stale, plan, planning);
  return found;
}

/** Puts plans in force for their labelsets. */
export function carryOut(plans: readonly NextPlan[]): void {
  for (const { labelset, outcome, problems, packages } of plans) {
    labelset.outcome = outcome;
    labelset.problems = problems;
    labelset.packages = packages;
    labelset.stale = false;
  }
}

async function planOne(
  labelset: Labelset,
  planning: Planning,
  shared: Map<string, Outcome>,
): Promise<NextPlan> {
  const { specs, world, locks, lockStore } = planning;
  const candidates = specs.candidates(labelset.labels);
  const plan = planLabelset(labelset.labels, candidates, world);
  locks.observe(labelset.labels, plan, candidates);
  const signature = planSignature(plan);
  const known = labelset.outcome?.signature === signature ? labelset.outcome : null;
  const outcome =
    known ?? shared.get(signature) ?? outcomeOf(plan, signature, world.packages.digest);
  shared.set(signature, outcome);
  if (plan.packages) await lockStore.keep(plan.packages.lock);
  const parts = await packagesAndLosses(labelset, { plan, outcome, candidates }, planning);
  return { labelset, outcome, problems: problemsOf(plan), ...parts };
}

const none: ChosenPackages = new Map();

async function packagesAndLosses(
  labelset: Labelset,
  {
    plan,
    outcome,
    candidates,
  }: { plan: LabelPlan; outcome: Outcome; candidates: readonly SpecEntry[] },
  { isJudged, given: reader, comparison, changed }: Planning,
): Promise<Pick<NextPlan, 'packages' | 'given' | 'losses'>> {
  const packages = plan.packages && {
    sources: plan.packages.sourceIds,
    unserved: plan.packages.problems.length > 0,
    chosen: chosenPackages(plan, takingUpdates(candidates)),
    kept: none,
  };
  const judged = isJudged(labelset);
  const isUnserved = packages?.unserved === true;
  if (!judged && !isUnserved) return { packages, given: null, losses: [] };
  const given = await reader.of(labelset, candidates, { body: outcome.body, packages });
  const unchanged = candidates.filter(
    ({ id, target }) => !changed.has(id) && matches(target, labelset.labels),
  );
  if (packages && isUnserved) packages.kept = keptOf(given, packages, takingUpdates(unchanged));
  const free = new Set(unchanged.filter((spec) => !isBound(spec)).map(({ id }) => id));
  const losses =
    given && judged && free.size > 0
      ? lossesOf(
          labelset,
          { given, plan, chosen: packages?.chosen ?? none, specs: free },
          comparison,
        )
      : [];
  return { packages, given, losses };
}

function takingUpdates(specs: readonly SpecEntry[]): Set<string> {
  return new Set(specs.filter(({ updates }) => updates !== 'manual').map(({ id }) => id));
}
