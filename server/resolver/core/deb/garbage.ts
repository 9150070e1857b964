import type { PackageReason } from '../resolution.ts';
import type { Group } from './groups.ts';
import type { Marks } from './marks.ts';
import type { Reasons } from './reasons.ts';
import { essentialOf, type Session } from './session.ts';

/**
 * The walk may bring what nothing needs at its end, because what it came for did not stay. apt takes that back as garbage,
 * but not an essential package, nor what something that stays recommends, whether Recommends are followed or not. Gives
 * these packages with the reasons for which they stay; `reasons` has what is needed.
 */
export function keptLeftovers(
  session: Session,
  marks: Marks,
  reasons: Reasons,
): ReadonlyMap<number, PackageReason> {
  const isLeft = (pkg: number): boolean => marks.installed(pkg) !== 0 && !reasons.has(pkg);
  const kept = new Map<number, PackageReason>();
  const left = new Set(marks.touched().filter(isLeft));
  if (left.size === 0) return kept;
  for (const pkg of essentialOf(session.pool))
    if (left.has(pkg)) kept.set(pkg, { kind: 'essential' });
  for (const pkg of reasons.keys())
    for (const group of marks.groups.of(marks.installed(pkg))) {
      if (group.isCritical || group.isNegative) continue;
      for (const other of servers(marks, group))
        if (left.has(other) && !kept.has(other)) kept.set(other, recommended(session, pkg, group));
    }
  return kept;
}

function servers(marks: Marks, { versions, packages }: Group): number[] {
  return [...packages].filter((pkg, place) => marks.installed(pkg) === versions[place]);
}

function recommended({ pool }: Session, by: number, { text }: Group): PackageReason {
  return { kind: 'needed', by: pool.name(by), relationKind: 'recommends', relation: text };
}
