import { clearTheWay, collect, type Work } from './clear-the-way.ts';
import { leftBehind } from './dependents.ts';
import type { Group } from './groups.ts';
import type { InstallOptions, Marker } from './marker.ts';
import { isBroken, type Marks } from './marks.ts';
import { solutionsOf } from './providers-order.ts';

/** Deeper chains are left to the search. */
const DEEPEST = 600;

/**
 * Takes a package's candidate, and with `auto` what it needs, depth first in the order of its relations: what stands in
 * the way is kept at its present version, upgraded or removed; needs are met by the first solution that can be taken.
 * A package that nobody named fails at the first thing that is not to be had; one that the request names goes on, and is
 * broken then.
 */
export function installWithDependencies(
  marker: Marker,
  pkg: number,
  options: InstallOptions,
): boolean {
  const { marks } = marker;
  const verdict = beforeInstall(marker, pkg, options);
  if (verdict !== null) return verdict;
  if (options.byUser) takeCandidate(marks, pkg, true);
  const failsEarly = !marks.isProtected(pkg) && !options.byUser;
  const work = options.auto ? collect(marks, marks.candidate(pkg), marks.isProtected(pkg)) : null;
  let failed = false;
  if (work && !clearTheWay(marker, pkg, work, options)) {
    if (failsEarly) return false;
    failed = true;
  }
  if (work) work.upgrades.push(...leftBehind(marks, marker.dependents, pkg));
  if (!options.byUser) takeCandidate(marks, pkg, false);
  if (!work) return true;
  return install(marker, pkg, work, options, failsEarly) && !failed;
}

/** Whether there is nothing to do (true), or nothing that can be done (false). */
function beforeInstall(marker: Marker, pkg: number, options: InstallOptions): boolean | null {
  const { marks, limits } = marker;
  const { pool } = marks;
  if (options.depth > DEEPEST) return false;
  const candidate = marks.candidate(pkg);
  const current = pool.current(pkg);
  const keepsCurrent =
    marks.isProtected(pkg) &&
    marks.mode(pkg) === 'keep' &&
    candidate !== 0 &&
    candidate === current;
  if (!keepsCurrent && !marker.mayChange(pkg, 'install', options.byUser)) return false;
  if (candidate === 0) return false;
  if (!options.byUser && current === 0 && !limits.mayAdd(pkg)) return false;
  if (!marks.isProtected(pkg) && !isBroken(marks, pkg, true)) {
    if (candidate === current)
      return marks.installed(pkg) !== 0 || marker.keep(pkg, options.byUser);
    if (marks.mode(pkg) === 'install') return true;
  }
  if (!isInStep(marks, pkg, options.byUser)) return false;
  if (options.auto && !isServable(marks, pkg)) return false;
  return null;
}

/** An installed `Multi-Arch: same` sibling with another candidate keeps this one from moving alone. */
function isInStep(marks: Marks, pkg: number, byUser: boolean): boolean {
  const { pool } = marks;
  if (byUser || !pool.isMultiArch) return true;
  const { view } = pool;
  const candidate = marks.candidate(pkg);
  if (marks.mode(pkg) === 'install' && marks.installed(pkg) === candidate) return true;
  const isSame = (id: number): boolean => view.universe(id).multiArch(view.index(id)) === 'same';
  if (candidate === pool.current(pkg) || !isSame(candidate)) return true;
  return pool.group(pool.name(pkg)).every((sibling) => {
    const other = marks.candidate(sibling);
    if (sibling === pkg || pool.current(sibling) === 0 || other === 0) return true;
    if (view.version(other) === view.version(candidate) || !isSame(other)) return true;
    return pool.isObsolete(other);
  });
}

/** A need that neither what will be there nor a candidate can serve takes the candidate away. */
function isServable(marks: Marks, pkg: number): boolean {
  const candidate = marks.candidate(pkg);
  const current = marks.pool.current(pkg);
  if (candidate === current || marks.isServed(candidate)) return true;
  for (const group of marks.groups.of(candidate)) {
    if (group.isNegative || !group.isCritical || marks.holds(group)) continue;
    if (hasCandidate(marks, group)) continue;
    if (!marks.isProtected(pkg)) {
      if (marks.mode(pkg) !== 'delete') marks.setState(pkg, 'keep', current);
      marks.setCandidate(pkg, current);
    }
    return false;
  }
  return true;
}

function hasCandidate(marks: Marks, group: Group): boolean {
  return group.alternatives.some(({ versions, packages }) =>
    versions.some((version, place) => marks.candidate(packages[place] as number) === version),
  );
}

function takeCandidate(marks: Marks, pkg: number, byUser: boolean): void {
  const candidate = marks.candidate(pkg);
  const current = marks.pool.current(pkg);
  if (marks.isProtected(pkg) && marks.installed(pkg) === candidate) return;
  if (byUser) marks.setAuto(pkg, false);
  else if (current === 0) marks.setAuto(pkg, true);
  marks.setState(pkg, candidate === current ? 'keep' : 'install', candidate);
}

/** The candidate is taken; now all that it needs. The package is protected meanwhile. */
function install(
  marker: Marker,
  pkg: number,
  work: Work,
  options: InstallOptions,
  failsEarly: boolean,
): boolean {
  const { marks } = marker;
  const spreads = marks.isProtected(pkg);
  marks.setProtected(pkg, true);
  let succeeded = upgradeOrRemove(marker, work.upgrades, spreads, options);
  if (succeeded || !failsEarly)
    succeeded = installNeeds(marker, pkg, work, spreads, options) && succeeded;
  if (succeeded || !failsEarly)
    for (const other of work.removals) if (!marker.remove(other)) succeeded = false;
  marks.setProtected(pkg, spreads);
  if (!succeeded && failsEarly) discard(marks, pkg);
  return succeeded;
}

/** Back to what is there, for good. */
function discard(marks: Marks, pkg: number): void {
  const current = marks.pool.current(pkg);
  marks.setState(pkg, 'keep', current);
  marks.setCandidate(pkg, current);
}

function upgradeOrRemove(
  marker: Marker,
  upgrades: readonly number[],
  spreads: boolean,
  { depth, byUser }: InstallOptions,
): boolean {
  const { marks } = marker;
  let succeeded = true;
  for (const pkg of upgrades) {
    if (marks.mode(pkg) === 'install' || marker.install(pkg, { auto: true, depth: depth + 1 }))
      continue;
    if (marker.remove(pkg)) {
      if (spreads) marks.setProtected(pkg, true);
      continue;
    }
    succeeded = false;
    if (!spreads && !byUser) break;
  }
  return succeeded;
}

function installNeeds(
  marker: Marker,
  pkg: number,
  { version, needs }: Work,
  spreads: boolean,
  options: InstallOptions,
): boolean {
  const groups = needs ?? marker.marks.groups.of(version);
  let succeeded = true;
  for (let place = 0; place < groups.length; place += 1) {
    if (needs === null) {
      place = marker.marks.nextUnsettled(version, place);
      if (place < 0) break;
    }
    const group = groups[place] as Group;
    const met = marker.marks.holds(group)
      ? spreadProtection(marker, group, spreads, options.depth)
      : isOldRecommends(marker.marks, pkg, group) || meet(marker, group, spreads, options.depth);
    if (met || !group.isCritical) continue;
    succeeded = false;
    if (!spreads && !options.byUser) break;
  }
  return succeeded;
}

/** The only thing that serves a need of a protected package is protected as well. */
function spreadProtection(marker: Marker, group: Group, spreads: boolean, depth: number): boolean {
  if (!spreads || !group.isCritical) return true;
  const { marks } = marker;
  if (group.usual.length > 1 && marks.isUsual(group)) return true;
  const solutions = solutionsOf(marks, group, 'both');
  const [version] = solutions;
  if (version === undefined || solutions.length > 1) return true;
  const pkg = marks.pool.packageOf(version);
  if (marks.isProtected(pkg)) return true;
  marks.setProtected(pkg, true);
  return marker.install(pkg, { auto: true, depth: depth + 1 });
}

/** An upgrade does not bring a Recommends that the installed version had already and that nobody served. */
function isOldRecommends(marks: Marks, pkg: number, group: Group): boolean {
  const current = marks.pool.current(pkg);
  if (group.isCritical || current === 0) return false;
  const target = group.alternatives[0]?.name;
  const before = marks.groups
    .of(current)
    .filter((one) => !one.isCritical && one.alternatives.some(({ name }) => name === target));
  return before.length > 0 && !before.some((one) => marks.heldBefore(one));
}

/** The first solution that can be taken. */
function meet(marker: Marker, group: Group, spreads: boolean, depth: number): boolean {
  const { marks } = marker;
  const solutions = solutionsOf(marks, group, 'candidate');
  for (const version of solutions) {
    const pkg = marks.pool.packageOf(version);
    if (marks.candidate(pkg) !== version) continue;
    if (spreads && group.isCritical && solutions.length === 1) {
      if (!marker.install(pkg, { depth: depth + 1 })) continue;
      marks.setProtected(pkg, true);
    }
    if (marker.install(pkg, { auto: true, depth: depth + 1 })) return true;
  }
  return false;
}
