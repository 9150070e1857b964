import type { PackageReason } from '../resolution.ts';
import { type Group, GroupBit, type Groups } from './groups.ts';
import type { Pool } from './pool.ts';

/** Why each package is in an answer: the shortest chain to a root, over needs before Recommends. */
export type Reasons = ReadonlyMap<number, PackageReason>;

/**
 * Follows the relations of an answer from its roots. What nothing needs has no reason, and has no place in the answer.
 * `present` gives the version of a package that will be there, or 0; `isPresent` says the same of a version; `follow`
 * whether its Recommends count.
 */
export function reasonsOf(options: {
  pool: Pool;
  groups: Groups;
  roots: ReadonlyMap<number, PackageReason>;
  present(pkg: number): number;
  isPresent(version: number): boolean;
  follow(version: number): boolean;
}): Reasons {
  const { pool, groups, present, isPresent, follow } = options;
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
      if (isTouched[pkg] === 0 && isPresent(versions[place] as number))
        reach(pkg, needed(pool, by, group));
    }
  };
  const isNew = (code: Int32Array, from: number, end: number): boolean => {
    for (let at = from; at < end; at += 1) {
      const version = code[at] as number;
      if (isPresent(version) && isTouched[pool.packageOf(version)] === 0) return true;
    }
    return false;
  };
  const passAll = (pkg: number): void => {
    const version = present(pkg);
    const code = groups.codeOf(version);
    const follows = follow(version);
    for (let at = 0, place = 0; at < code.length; place += 1) {
      const kind = (code[at] as number) & 3;
      const end = at + 1 + ((code[at] as number) >> 2);
      const counts = kind === 0 ? isNew(code, at + 1, end) : kind === GroupBit.soft && follows;
      at = end;
      if (!counts) continue;
      const group = groups.of(version)[place] as Group;
      if (kind === 0) pass(pkg, group);
      else soft.push([pkg, group]);
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
