import type { PackageReason, Resolution, ResolvedPackage } from '../resolution.ts';
import type { Fact } from './fact.ts';
import { relationText } from './relation.ts';
import type { RpmSession } from './session.ts';
import type { Solution } from './solve.ts';
import { isSamePackage } from './updates.ts';
import { meetingOne } from './weak.ts';

/** The changes from what is installed to a solution. Groups are no packages; what is there already does not come. */
export function changesOf(
  session: RpmSession,
  solution: Solution,
): Pick<Resolution, 'packages' | 'removed'> {
  const { pool } = session;
  const gone = pool.installed.filter((id) => !solution.holds.has(id));
  const isThere = (id: number): boolean => gone.some((old) => isSamePackage(pool, old, id));
  const come = [...solution.holds.keys()].filter(
    (id) => !pool.isInstalled(id) && !pool.name(id).startsWith('@') && !isThere(id),
  );
  const isReplaced = (old: number): boolean =>
    [...solution.holds.keys()].some(
      (id) =>
        !pool.isInstalled(id) &&
        pool.name(id) === pool.name(old) &&
        (pool.arch(id) === pool.arch(old) || pool.archRank(id) === 0 || pool.archRank(old) === 0),
    );
  return {
    packages: come
      .map((id) => resolved(session, solution, id, solution.holds.get(id)))
      .sort(byNameThenArch),
    removed: gone
      .filter((old) => !isReplaced(old))
      .map((old) => ({ name: pool.name(old), version: pool.version(old), arch: pool.arch(old) }))
      .sort(byNameThenArch),
  };
}

function byNameThenArch(
  a: { name: string; arch: string },
  b: { name: string; arch: string },
): number {
  return compareTexts(a.name, b.name) || compareTexts(a.arch, b.arch);
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function resolved(
  session: RpmSession,
  solution: Solution,
  id: number,
  fact: Fact | undefined,
): ResolvedPackage {
  const { view } = session.pool;
  const universe = view.universe(id);
  const index = view.index(id);
  const reason = isWanted(session, id) ? WANTED : reasonOf(session, solution, fact);
  return {
    name: view.name(id),
    version: view.version(id),
    arch: view.arch(id),
    type: 'rpm',
    source: view.source(id).id,
    auto: reason.kind !== 'wanted',
    reason,
    size: universe.size(index),
    installedSize: universe.installedSize(index),
    location: universe.location(index),
    checksum: universe.checksum(index),
  };
}

const WANTED: PackageReason = { kind: 'wanted' };

const isWanted = ({ wants, pool }: RpmSession, id: number): boolean =>
  wants.some(({ want, ids }) => want.name === pool.name(id) && ids.includes(id));

function reasonOf({ pool }: RpmSession, solution: Solution, fact: Fact | undefined): PackageReason {
  switch (fact?.kind) {
    case 'wanted':
      return WANTED;
    case 'needs':
      return {
        kind: 'needed',
        by: pool.name(fact.id),
        relationKind: fact.relationKind === 'recommends' ? 'recommends' : 'depends',
        relation: relationText(fact.relation),
      };
    case 'supplements': {
      const by = meetingOne(pool, fact.relation).find((id) => solution.holds.has(id));
      return {
        kind: 'needed',
        by: pool.name(by ?? fact.id),
        relationKind: 'supplements',
        relation: relationText(fact.relation),
      };
    }
    default:
      return { kind: 'installed' };
  }
}
