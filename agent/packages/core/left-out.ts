import type { LockedPackage } from '../../../proto/lock.ts';
import { keyOf } from './findings.ts';
import type { PackagePlan } from './package-plan.ts';
import type { ToolAnswer } from './tool-simulation.ts';

/** What of a plan is asked for otherwise than the lock says, by `keyOf`; only packages whose version is left open. */
export interface Choice {
  /** Packages that are not asked for, with the reason in the package manager's words. */
  leftOut: ReadonlyMap<string, string>;
  /** Packages that the repositories offer only for any architecture. */
  anyArch: ReadonlySet<string>;
}

export const wholePlan: Choice = { leftOut: new Map(), anyArch: new Set() };

/** The plan without what is left out. What is removed stays: what the lock names is never among it. */
export function narrowed(plan: PackagePlan, { leftOut, anyArch }: Choice): PackagePlan {
  const install = plan.install.flatMap((one) => {
    if (leftOut.has(keyOf(one))) return [];
    return [anyArch.has(keyOf(one)) ? { ...one, arch: 'noarch' } : one];
  });
  const gone = new Set(plan.install.flatMap((one) => (leftOut.has(keyOf(one)) ? [one.name] : [])));
  return { ...plan, install, markAuto: plan.markAuto.filter((name) => !gone.has(name)) };
}

/** What may be left out: its version is the package manager's to choose. */
export const isFree = ({ version }: LockedPackage): boolean => version === null;

/**
 * The packages of a request that the package manager says it does not know, by `keyOf`, with its sentences. A name without
 * architecture tells of a package only if the request has that name once.
 */
export function unknownOf(
  answer: ToolAnswer,
  asked: readonly LockedPackage[],
  wordOf: (one: LockedPackage) => string,
): ReadonlyMap<string, string> {
  const unfound = answer.kind === 'cannot' ? answer.unfound : undefined;
  const found = new Map<string, string>();
  if (unfound === undefined || unfound.size === 0) return found;
  const times = new Map<string, number>();
  for (const { name } of asked) times.set(name, (times.get(name) ?? 0) + 1);
  for (const one of asked.filter(isFree)) {
    const plain = times.get(one.name) === 1 ? unfound.get(one.name) : undefined;
    const sentence = unfound.get(wordOf(one)) ?? plain;
    if (sentence !== undefined) found.set(keyOf(one), sentence);
  }
  return found;
}

/** What package managers write around the reason why something cannot be installed. */
const AROUND =
  /^(Some packages could not be installed|requested an impossible situation|distribution that some required|or been moved out of Incoming|The following information may help|The following packages have unmet|Error:$|E: Unable to correct problems|E: Error, pkgProblemResolver|Solution \d|\(try to add)/;

/** Why a package cannot be installed: the package manager's own sentence, else what it would do that nobody asks for. */
export function reasonOf(answer: ToolAnswer, differences: readonly string[]): string {
  if (answer.kind === 'would') return differences.join(' ');
  const telling = answer.lines.filter((line) => !AROUND.test(line));
  return (telling.length > 0 ? telling : answer.lines).join(' ');
}
