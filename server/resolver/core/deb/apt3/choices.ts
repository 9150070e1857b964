import { compareVersions } from '../../../../../proto/version.ts';
import type { Alternative, Group } from '../groups.ts';
import type { Marks } from '../marks.ts';
import {
  compareNewProviders,
  first,
  hasSibling,
  isBoundAbsent,
  selected,
} from '../providers-order.ts';

/**
 * Candidates and installed versions that could serve a group, in the order of apt 3: the alternatives from left to right,
 * within one by `compareChoices`; then those of installed packages before new ones. Each once.
 */
export function choicesOf(marks: Marks, group: Group, isUpgrade: boolean): readonly number[] {
  const { pool } = marks;
  const all = group.alternatives.flatMap((alternative) =>
    selected(marks, alternative, 'both').sort((a, b) =>
      compareChoices(marks, alternative, isUpgrade, a, b),
    ),
  );
  const isNew = (version: number): boolean => pool.current(pool.packageOf(version)) === 0;
  const distinct = new Set([...all.filter((one) => !isNew(one)), ...all.filter(isNew)]);
  return [...distinct].filter((version) => !isBoundAbsent(marks, pool.packageOf(version)));
}

/** Of one package the installed version, in an upgrade the candidate; else as classic apt, but at last by name. */
function compareChoices(
  marks: Marks,
  { name }: Alternative,
  isUpgrade: boolean,
  a: number,
  b: number,
): number {
  const { pool } = marks;
  const [left, right] = [pool.packageOf(a), pool.packageOf(b)];
  if (left === right) return compareOwn(marks, isUpgrade, a, b);
  return (
    first(hasSibling(marks, a, left), hasSibling(marks, b, right)) ||
    first(pool.current(left) !== 0, pool.current(right) !== 0) ||
    compareNewProviders(pool, name, a, b, byName)
  );
}

function compareOwn({ pool, candidate }: Marks, isUpgrade: boolean, a: number, b: number): number {
  const pkg = pool.packageOf(a);
  const liked = isUpgrade ? candidate(pkg) : pool.current(pkg);
  if (a === liked || b === liked) return first(a === liked, b === liked);
  return compareVersions(pool.view.version(b), pool.view.version(a));
}

function byName(pool: Marks['pool'], left: number, right: number): number {
  const [a, b] = [pool.name(left), pool.name(right)];
  return a < b ? -1 : a > b ? 1 : pool.order(right) - pool.order(left);
}
