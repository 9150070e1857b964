import type { PlanProblem } from '../../proto/api.ts';
import { LOCK_SCHEMA, type Lock, type LockedPackage } from '../../proto/lock.ts';
import type { PackageType } from '../../proto/package-line.ts';
import type { PlannedPackage } from '../../proto/package-views.ts';
import { type Answer, WANTED } from '../resolver/core/answer.ts';
import { type SharedText, sharedText, type ViewPackage } from '../resolver/core/view-package.ts';
import type { PackageWant } from './package-lines.ts';
import type { LockText, LockTextParts, PackageWorld } from './package-model.ts';

/** What a lock is made of. */
export interface LockParts {
  type: PackageType;
  /** Names that cannot be served: they are kept. */
  problems: readonly PlanProblem[];
  wants: readonly PackageWant[];
  /** Without versions. */
  auto: boolean;
  resolution: Answer;
  unindexed: readonly PlannedPackage[];
}

/** The lock; its digest is worked out once for each resolution and what else it depends on. */
export function makeLock({
  world,
  ...parts
}: LockParts & { world: Pick<PackageWorld, 'remember' | 'digest'> }): LockText {
  const { type, problems, auto, resolution, unindexed } = parts;
  const key = JSON.stringify([
    ...[type, auto, [...unverifiedIn(parts)]],
    problems.map(({ name, code }) => [name, code]),
    unindexed.map(({ name, version, arch, source }) => [name, version, arch, source]),
  ]);
  let made: LockTextParts | undefined;
  const get = (): LockTextParts => {
    made ??= lockTextParts(parts);
    return made;
  };
  const digest = world.remember(resolution, key, () => world.digest(joinLock(get())));
  return {
    digest,
    text: () => joinLock(get()),
    parts: get,
    count: resolution.above.length + unindexed.length,
  };
}

function unverifiedIn({ wants }: Pick<LockParts, 'wants'>): Set<string> {
  return new Set(wants.filter(({ verify }) => !verify).map(({ name }) => name));
}

/** Of the same text as `lockOf`. The lines of packages are put together once for all locks that have them. */
function lockTextParts(parts: LockParts): LockTextParts {
  const { type, problems, auto, resolution, unindexed } = parts;
  const { listed, above } = resolution;
  if (unindexed.length > 0 || !isInOrder(listed)) return textPartsOf(lockOf(parts));
  const unverified = unverifiedIn(parts);
  const lines = listed.map((one, place) => {
    const form = formOf({
      auto: above[place] !== WANTED,
      verify: unverified.size === 0 || !unverified.has(one.name),
      versioned: !auto,
    });
    return one.texts[form] ?? lockLine(one, form);
  });
  return { type, keep: keptOf(problems, listed), lines };
}

/** Answers are sorted by name; where one name comes twice, its architectures may stand otherwise than in a lock. */
function isInOrder(listed: readonly ViewPackage[]): boolean {
  let before: ViewPackage | undefined;
  for (const one of listed) {
    if (before?.name === one.name && comparePackages(before, one) > 0) return false;
    before = one;
  }
  return true;
}

/** What lines of one package differ in. */
interface LineForm {
  auto: boolean;
  verify: boolean;
  versioned: boolean;
}

const AUTO = 1;
const VERIFY = 2;
const VERSIONED = 4;

function formOf({ auto, verify, versioned }: LineForm): number {
  return (auto ? AUTO : 0) + (verify ? VERIFY : 0) + (versioned ? VERSIONED : 0);
}

/** The line of a package, made once for each form. */
function lockLine(one: ViewPackage, form: number): SharedText {
  const json = packageJson({
    ...one,
    auto: (form & AUTO) > 0,
    verify: (form & VERIFY) > 0,
    version: (form & VERSIONED) > 0 ? one.version : null,
  });
  const line = sharedText(json);
  one.texts[form] = line;
  return line;
}

/** The lock of what was chosen, sorted by name, then architecture. */
export function lockOf(parts: LockParts): Lock {
  const { type, problems, auto, resolution, unindexed } = parts;
  const unverified = unverifiedIn(parts);
  const entry = (one: Omit<LockedPackage, 'verify'>): LockedPackage => ({
    name: one.name,
    version: one.version,
    arch: one.arch,
    auto: one.auto,
    verify: !unverified.has(one.name),
    source: one.source,
    size: one.size,
    installedSize: one.installedSize,
  });
  const chosen = resolution.packages.map((one) => entry(auto ? { ...one, version: null } : one));
  const packages = [...chosen, ...unindexed.map(entry)].sort(comparePackages);
  return { schema: LOCK_SCHEMA, type, packages, keep: keptOf(problems, packages) };
}

/** What cannot be served as it is wanted may come as a prerequisite of something else. */
function keptOf(
  problems: readonly PlanProblem[],
  packages: readonly { name: string }[],
): Lock['keep'] {
  if (problems.length === 0) return [];
  const names = new Set(packages.map(({ name }) => name));
  const kept = problems.filter(({ name }) => !names.has(name));
  return kept.map(({ name, code }) => ({ name, problem: code }));
}

/** The canonical JSON of a lock (RFC 8785): members in the order of their names. */
export function lockJson(lock: Lock): string {
  return joinLock(textPartsOf(lock));
}

function textPartsOf({ type, keep, packages }: Lock): LockTextParts {
  return { type, keep, lines: packages.map((one) => sharedText(packageJson(one))) };
}

/** The text of a lock from the texts of its packages. */
export function joinLock({
  type,
  keep,
  lines,
}: Pick<Lock, 'type' | 'keep'> & { lines: readonly { text: string }[] }): string {
  const kept = JSON.stringify(keep.map(({ name, problem }) => ({ name, problem })));
  return `{"keep":${kept},"packages":[${lines.map(({ text }) => text).join(',')}],"schema":"${LOCK_SCHEMA}","type":"${type}"}`;
}

function packageJson(one: LockedPackage): string {
  return JSON.stringify({
    arch: one.arch,
    auto: one.auto,
    installedSize: one.installedSize,
    name: one.name,
    size: one.size,
    source: one.source,
    verify: one.verify,
    version: one.version,
  });
}

/** By name, then architecture. */
export function comparePackages(
  a: { name: string; arch: string },
  b: { name: string; arch: string },
): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.arch < b.arch ? -1 : a.arch > b.arch ? 1 : 0;
}
