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
  const { groups, present, follow } = options;
  const reasons = new Map<number, PackageReason>();
  const soft: [number, Group][] = [];
  const queue: number[] = [];
  const reach = (pkg: number, reason: PackageReason): void => {
    if (reasons.has(pkg) || present(pkg) === 0) return;
    reasons.set(pkg, reason);
    queue.push(pkg);
  };
  const pass = (by: number, group: Group): void => {
    for (const pkg of servers(group, present)) reach(pkg, needed(options.pool, by, group));
  };
  for (const [pkg, reason] of options.roots) reach(pkg, reason);
  let at = 0;
  let softAt = 0;
  for (;;) {
    for (; at < queue.length; at += 1) {
      const pkg = queue[at] as number;
      const version = present(pkg);
      for (const group of groups.of(version)) {
        if (group.isNegative) continue;
        if (group.isCritical) pass(pkg, group);
        else if (follow(version)) soft.push([pkg, group]);
      }
    }
    if (softAt === soft.length) return reasons;
    const [by, group] = soft[softAt] as [number, Group];
    softAt += 1;
    pass(by, group);
  }
}

function servers(group: Group, present: (pkg: number) => number): number[] {
  return group.alternatives.flatMap(({ versions, packages }) =>
    packages.filter((pkg, place) => present(pkg) === versions[place]),
  );
}

function needed(pool: Pool, by: number, group: Group): PackageReason {
  return {
    kind: 'needed',
    by: pool.name(by),
    relationKind: group.kind as 'preDepends' | 'depends' | 'recommends',
    relation: group.text,
  };
}
