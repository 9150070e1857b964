import type { PackagePolicy } from '../../proto/desired-source.ts';
import type { LockedPackage } from '../../proto/lock.ts';
import { differencesOf } from './core/differences.ts';
import { keyOf } from './core/findings.ts';
import { type Choice, isFree, narrowed, reasonOf, unknownOf } from './core/left-out.ts';
import type { PackagePlan } from './core/package-plan.ts';
import type { ToolAnswer, ToolSimulation } from './core/tool-simulation.ts';
import type { PackageTool } from './package-tool.ts';

/** A plan as the package manager can carry it out, and what it says to it. */
export interface Attempt {
  plan: PackagePlan;
  answer: ToolAnswer;
  /** Where it would do something else even so. */
  differences: string[];
  choice: Choice;
}

/** So often the package manager is asked at most. */
const MAX_QUESTIONS = 100;
const NOT_TRIED =
  'It was not tried: too many of the packages that are asked for cannot be installed.';
const NOTHING: ToolSimulation = { changes: [], downloadBytes: 0, diskBytes: 0 };

interface Growing {
  leftOut: Map<string, string>;
  anyArch: Set<string>;
}

/**
 * Asks the package manager for a plan. Of the packages whose version is left open it leaves out those that cannot be
 * found, and of those that remain as few as need be so that the others can be installed; earlier ones of the lock go
 * first. Where that does not help, the plan stays whole, with its differences.
 */
export async function choosePossible(
  tool: PackageTool,
  plan: PackagePlan,
  policy: PackagePolicy,
): Promise<Attempt> {
  let questions = 0;
  const ask: Ask = async (choice) => {
    questions += 1;
    return await askFor(tool, narrowed(plan, choice), policy, choice);
  };
  const choice: Growing = { leftOut: new Map(), anyArch: new Set() };
  let attempt = await ask(choice);
  while (attempt.differences.length > 0 && questions < MAX_QUESTIONS) {
    if (!leaveUnknown(tool, plan, attempt, choice)) break;
    attempt = await ask(choice);
  }
  const free = plan.install.filter((one) => isFree(one) && !choice.leftOut.has(keyOf(one)));
  if (attempt.differences.length === 0 || free.length === 0) return attempt;
  leave(choice, free, reasonOf(attempt.answer, attempt.differences));
  const none = await ask(choice);
  if (none.differences.length > 0) return attempt;
  if (free.length === 1) return none;
  await bringHalves(free, choice, ask, () => questions < MAX_QUESTIONS);
  return await ask(choice);
}

type Ask = (choice: Choice) => Promise<Attempt>;

function leave({ leftOut }: Growing, group: readonly LockedPackage[], why: string): void {
  for (const one of group) leftOut.set(keyOf(one), why);
}

/** Takes into the choice what can be installed besides what is in it already: first in whole groups, then in their halves. */
async function bringHalves(
  group: readonly LockedPackage[],
  choice: Growing,
  ask: Ask,
  mayAsk: () => boolean,
): Promise<void> {
  const middle = Math.ceil(group.length / 2);
  for (const half of [group.slice(0, middle), group.slice(middle)]) {
    if (!mayAsk()) {
      leave(choice, half, NOT_TRIED);
      continue;
    }
    for (const one of half) choice.leftOut.delete(keyOf(one));
    const { answer, differences } = await ask(choice);
    if (differences.length === 0) continue;
    leave(choice, half, reasonOf(answer, differences));
    if (half.length > 1) await bringHalves(half, choice, ask, mayAsk);
  }
}

/** Adds to the choice what the package manager does not know; false if it names nothing new. */
function leaveUnknown(
  tool: PackageTool,
  plan: PackagePlan,
  { answer, plan: asked }: Attempt,
  { leftOut, anyArch }: Growing,
): boolean {
  const unknown = unknownOf(answer, asked.install, tool.wordOf);
  const before = leftOut.size + anyArch.size;
  for (const one of plan.install.filter(isFree)) {
    const key = keyOf(one);
    const asAny = { ...one, arch: 'noarch' };
    const sentence = unknown.get(key) ?? (anyArch.has(key) ? unknown.get(keyOf(asAny)) : undefined);
    if (sentence === undefined) continue;
    const mayBeAny = tool.namesAnyArch && one.arch !== 'noarch' && one.arch !== '';
    if (mayBeAny && !anyArch.has(key)) anyArch.add(key);
    else leftOut.set(key, sentence);
  }
  return leftOut.size + anyArch.size > before;
}

async function askFor(
  tool: PackageTool,
  plan: PackagePlan,
  policy: PackagePolicy,
  { leftOut, anyArch }: Choice,
): Promise<Attempt> {
  const { install, remove } = plan;
  const answer: ToolAnswer =
    install.length + remove.length === 0
      ? { kind: 'would', simulation: NOTHING }
      : await tool.simulate({ install, remove });
  const choice = { leftOut: new Map(leftOut), anyArch: new Set(anyArch) };
  return { plan, answer, differences: differencesOf(plan, answer, policy), choice };
}
