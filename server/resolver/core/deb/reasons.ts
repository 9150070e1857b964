import type { PackageReason } from '../resolution.ts';
import type { Group, Groups } from './groups.ts';
import type { Pool } from './pool.ts';

/** Why each package is in an answer: the shortest chain to a root, over needs before Recommends. */
export type Reasons = ReadonlyMap<number, PackageReason>;

/**
 * Follows the relations of an answer from its roots. What nothing needs has no reason, and has no place in the answer.
 * `present` gives the version of a package that will be there, or 0; `follow` whether its Recommends count.
 */
export function reasonsOf(options: {
  pool: Pool;
  groups: Groups;
  roots: ReadonlyMap<number, PackageReason>;
  present(pkg: number): number;
  follow(version: number): boolean;
}): Reasons {
  const { pool, groups, present, follow } = options;
  const reasons = new Map<number, PackageReason>();
  const soft: [number, Group][] = [];
  const queue: number[] = [];
  const scratch = pool.scratch.take();
  const { isTouched, touched } = scratch;
  const reach = (pkg: number, reason: PackageReason): void => {
    isTouched[pkg] = 1;
    touched.push(pkg);
    reasons.set(pkg, reason);
    queue.push(pkg);
  };
  const pass = (by: number, group: Group): void => {
    const { versions, packages } = group;
    for (let place = 0; place < versions.length; place += 1) {
      const pkg = packages[place] as number;
      if (isTouched[pkg] === 0 && present(pkg) === versions[place])
        reach(pkg, needed(pool, by, group));
    }
  };
  const passAll = (pkg: number): void => {
    const version = present(pkg);
    for (const group of groups.of(version)) {
      if (group.isNegative) continue;
      if (group.isCritical) pass(pkg, group);
      else if (follow(version)) soft.push([pkg, group]);
    }
  };
  for (const [pkg, reason] of options.roots) if (present(pkg) !== 0) reach(pkg, reason);
  let at = 0;
  for (let softAt = 0; ; softAt += 1) {
    for (; at < queue.length; at += 1) passAll(queue[at] as number);
    const next = soft[softAt];
    if (!next) break;
    pass(...next);
  }
  pool.scratch.giveBack(scratch);
  return reasons;
}

function needed(pool: Pool, by: number, group: Group): PackageReason {
  return {
    kind: 'needed',
    by: pool.name(by),
    relationKind: group.kind as 'preDepends' | 'depends' | 'recommends',
    relation: group.text,
  };
}
