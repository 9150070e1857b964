import type { PackagePolicy } from '../../../proto/desired-source.ts';
import type { LockedPackage } from '../../../proto/lock.ts';
import type { PackagePlan } from './package-plan.ts';
import { isSameVersion } from './present-package.ts';
import type { ToolAnswer, ToolChange } from './tool-simulation.ts';

/** No more sentences than these are told; then how many more there are. */
const MAX_SENTENCES = 20;

/**
 * Where a package manager would do something else than what was planned from the lock, as sentences; none if it would do
 * exactly that. Where versions are left to the package manager it may choose them and add prerequisites, but remove nothing
 * else and go to no lower version.
 */
export function differencesOf(
  plan: PackagePlan,
  answer: ToolAnswer,
  policy: PackagePolicy,
): string[] {
  if (answer.kind === 'cannot')
    return [`The package manager cannot do what the lock says: ${answer.lines.join(' ')}`];
  const { changes } = answer.simulation;
  const free = policy.version === 'auto' || plan.install.some(({ version }) => version === null);
  const sentences = [
    ...changes.flatMap((change) => sentenceOf(change, plan, { free, policy })),
    ...missing(plan.install, changes),
  ];
  const more = sentences.length - MAX_SENTENCES;
  if (more <= 0) return sentences;
  return [...sentences.slice(0, MAX_SENTENCES), `There are ${more} more differences.`];
}

function sentenceOf(
  change: ToolChange,
  { install, remove }: PackagePlan,
  { free, policy }: { free: boolean; policy: PackagePolicy },
): string[] {
  const { kind, name, from, to } = change;
  if (kind === 'remove') {
    if (remove.some((one) => one.name === name && isFor(change, one.arch))) return [];
    return [`It would remove ${name} ${from ?? ''}, which nobody asks for.`.replace(' ,', ',')];
  }
  if (kind === 'downgrade' && !policy.downgrade)
    return [`It would go back to ${to} of ${name}, and the policy forbids lower versions.`];
  if (kind === 'reinstall') return [];
  const wanted = install.find((one) => one.name === name && isFor(change, one.arch));
  if (wanted) return otherVersion(wanted, to ?? '');
  if (free) return [];
  const verb = kind === 'install' ? 'install' : `change`;
  return [`It would also ${verb} ${name} ${to}, which the lock does not name.`];
}

function otherVersion({ name, version }: LockedPackage, to: string): string[] {
  if (version === null || isSameVersion(version, to)) return [];
  return [`It would install ${to} of ${name} instead of ${version}.`];
}

function missing(install: readonly LockedPackage[], changes: readonly ToolChange[]): string[] {
  const isDone = ({ name }: LockedPackage): boolean =>
    changes.some((change) => change.kind !== 'remove' && change.name === name);
  return install
    .filter((wanted) => !isDone(wanted) && isName(wanted.name))
    .map(({ name, version }) => `It would not install ${name} ${version ?? ''}`.trim().concat('.'));
}

/** Groups, files and capabilities are asked for, but no package has their name. */
const isName = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9+._-]*$/.test(name);

const isFor = ({ arch }: ToolChange, other: string): boolean =>
  arch === null || arch === other || [arch, other].some((one) => one === 'all' || one === 'noarch');
