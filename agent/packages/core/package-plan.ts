import type { PackagePolicy } from '../../../proto/desired-source.ts';
import type { Lock, LockedPackage } from '../../../proto/lock.ts';
import { isSamePlace, isSameVersion, type PresentPackage } from './present-package.ts';
import { stillNeeded } from './still-needed.ts';

/** What is to be done to bring a lock about. */
export interface PackagePlan {
  /** Not there, there in another version, or stuck on the way. */
  install: LockedPackage[];
  /** What jamesd installed and nobody wants any more; under `unmanaged: remove` also what nobody asked for. */
  remove: PresentPackage[];
  /** What jamesd installed and nobody wants any more, but others need: it stays, as their prerequisite. */
  released: PresentPackage[];
  /** Names to be marked as prerequisites and as asked for, once everything is installed. */
  markAuto: string[];
  markManual: string[];
  /** What forbids it, as sentences. */
  refusals: string[];
}

export interface PackageSituation {
  present: readonly PresentPackage[];
  lock: Lock;
  policy: PackagePolicy;
  /** Names that jamesd itself installed. */
  managed: ReadonlySet<string>;
}

/** Compares what a device has with its lock. The package manager is not asked; what it would do besides is not known yet. */
export function planPackages(situation: PackageSituation): PackagePlan {
  const { present, lock } = situation;
  const install = lock.packages.filter((wanted) => !isThere(present, wanted));
  const held = install.flatMap((wanted) => heldSentence(present, wanted));
  const { remove, released } = removals(situation);
  return { install, remove, released, ...marks(situation), refusals: held };
}

/** Whether the device has a package as the lock wants it. */
export function isThere(present: readonly PresentPackage[], wanted: LockedPackage): boolean {
  return present.some(
    (one) =>
      isSamePlace(one, wanted) &&
      !one.broken &&
      (wanted.version === null || isSameVersion(one.version, wanted.version)),
  );
}

function heldSentence(present: readonly PresentPackage[], wanted: LockedPackage): string[] {
  const held = present.find((one) => isSamePlace(one, wanted) && one.hold === true);
  if (!held) return [];
  return [
    `${held.name} is held at ${held.version} on the device, and the lock wants ${wanted.version ?? 'it whole'}.`,
  ];
}

function removals({
  present,
  lock,
  policy,
  managed,
}: PackageSituation): Pick<PackagePlan, 'remove' | 'released'> {
  const wanted = new Set(lock.packages.map(({ name }) => name));
  const kept = new Set(lock.keep.map(({ name }) => name));
  const keepsSome = present.some(({ name }) => kept.has(name));
  const may = ({ name, auto, protected: never, hold }: PresentPackage): boolean => {
    if (wanted.has(name) || kept.has(name) || never || hold === true) return false;
    // What is kept keeps its prerequisites, and these are known to be among the automatic ones.
    if (keepsSome && auto) return false;
    return managed.has(name) || policy.unmanaged === 'remove';
  };
  const candidates = present.filter(may);
  const needed = stillNeeded(
    candidates,
    present.filter((one) => !candidates.includes(one)),
  );
  return {
    remove: candidates.filter((one) => !needed.has(one)),
    released: candidates.filter((one) => needed.has(one) && managed.has(one.name)),
  };
}

/** What was there before jamesd and was asked for by somebody stays marked so; what is installed now is asked for. */
function marks({
  present,
  lock,
  managed,
}: PackageSituation): Pick<PackagePlan, 'markAuto' | 'markManual'> {
  const markAuto: string[] = [];
  const markManual: string[] = [];
  for (const wanted of lock.packages) {
    const there = present.find((one) => isSamePlace(one, wanted));
    const isOurs = there === undefined || managed.has(wanted.name);
    if (wanted.auto && isOurs && there?.auto !== true) markAuto.push(wanted.name);
    if (!wanted.auto && there?.auto === true) markManual.push(wanted.name);
  }
  return { markAuto: [...new Set(markAuto)], markManual: [...new Set(markManual)] };
}
