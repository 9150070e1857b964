import type { Lock, LockedPackage } from '../../../proto/lock.ts';
import type { PackageFinding } from './package-finding.ts';
import { isSamePlace, isSameVersion, type PresentPackage } from './present-package.ts';
import type { FileFinding } from './verify-output.ts';

export interface Findings {
  present: readonly PresentPackage[];
  lock: Lock;
  /** By the package's key (`keyOf`). */
  findings: ReadonlyMap<string, readonly FileFinding[]>;
  /** What nobody asked for, where that matters. */
  extra: readonly PresentPackage[];
  /** What the package manager cannot install, by `keyOf`, with the reason in its own words. */
  leftOut?: ReadonlyMap<string, string>;
}

export const keyOf = ({ name, arch }: { name: string; arch: string }): string => `${name} ${arch}`;

/** So many paths are named. */
const MAX_PATHS = 5;

/** What is kept for want of what is wanted, what is not as the lock wants it in its order, then what is too much. */
export function findingsOf({
  present,
  lock,
  findings,
  extra,
  leftOut,
}: Findings): PackageFinding[] {
  return [
    ...lock.keep.flatMap((line) => keptFinding(line, present)),
    ...lock.packages.flatMap((wanted): PackageFinding[] => {
      const error = leftOut?.get(keyOf(wanted));
      if (error !== undefined) return [{ name: wanted.name, status: 'failed', error }];
      return findingOf(wanted, present, findings.get(keyOf(wanted)));
    }),
    ...extra.map(
      ({ name, version }): PackageFinding => ({
        name,
        status: 'extra',
        error: `${version} is installed, and nobody asks for it.`,
      }),
    ),
  ];
}

/** A wanted version that cannot be had is told; a package that is not there at all is a problem of the plan. */
function keptFinding(
  { name, problem }: Lock['keep'][number],
  present: readonly PresentPackage[],
): PackageFinding[] {
  const kept = present.find((one) => one.name === name);
  if (!kept) return [];
  const error = `${kept.version} is kept: what is wanted cannot be had for this device (${problem}).`;
  return [{ name, status: 'wrong-version', error }];
}

function findingOf(
  wanted: LockedPackage,
  present: readonly PresentPackage[],
  files: readonly FileFinding[] = [],
): PackageFinding[] {
  const { name, version } = wanted;
  if (name.startsWith('@')) return [];
  const there = present.filter((one) => isSamePlace(one, wanted));
  const [first] = there;
  if (!first) return providedBy(name, present) ? [] : [{ name, status: 'missing', error: null }];
  const right = there.find((one) => version === null || isSameVersion(one.version, version));
  if (!right) {
    const error = `${first.version} is installed, and the lock wants ${version}.`;
    return [{ name, status: 'wrong-version', error }];
  }
  if (right.broken)
    return [{ name, status: 'failed', error: 'Its installation has not come to its end.' }];
  return files.length === 0 ? [] : [{ name, status: 'modified', error: sentenceOf(files) }];
}

/** A file or a capability that was asked for by its name. */
const providedBy = (name: string, present: readonly PresentPackage[]): boolean =>
  present.some(({ provides }) => provides.includes(name));

function sentenceOf(files: readonly FileFinding[]): string {
  const shown = files
    .slice(0, MAX_PATHS)
    .map(({ path, missing }) => `${path} ${missing ? 'is missing' : 'was changed'}`);
  const more = files.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? `, and ${more} more` : ''}.`;
}
