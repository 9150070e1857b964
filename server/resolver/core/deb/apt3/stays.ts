import type { Clause } from '../../search-model.ts';
import type { Marks } from '../marks.ts';
import type { Fact, MakeClause } from '../model.ts';
import type { Session } from '../session.ts';
import { mustStay, undecided } from '../stays.ts';
import { LEVEL } from './levels.ts';

/**
 * What must hold, or should, whatever is asked for, as apt 3 has it: essential packages are there after an upgrade of all;
 * installed ones stay, those that were installed by hand before automatic ones, and get a version after what others need of
 * them is known.
 */
export function baseOfApt3(
  session: Session,
  marks: Marks,
  clause: MakeClause,
  wanted: ReadonlySet<number>,
): Clause[] {
  const { pool, essential, request } = session;
  const auto = new Set(request.installed.flatMap((one) => (one.auto ? [one.name] : [])));
  const must = essential
    .filter((pkg) => request.upgrade !== 'all' || pool.current(pkg) === 0)
    .map((pkg) => {
      const siblings = pool.group(pool.name(pkg)).filter((one) => pool.isEssential(one));
      const versions = [...new Set([pkg, ...siblings])].map(marks.candidate).filter(Boolean);
      return clause(versions, { kind: 'essential', version: marks.candidate(pkg) });
    });
  const stays = undecided(session, wanted).flatMap((pkg) =>
    stayClauses(session, marks, clause, pkg, auto.has(pool.name(pkg))),
  );
  return [...must, ...stays];
}

function stayClauses(
  { pool, request }: Session,
  marks: Marks,
  clause: MakeClause,
  pkg: number,
  isAuto: boolean,
): Clause[] {
  const current = pool.current(pkg);
  const candidate = marks.candidate(pkg) || current;
  const liked = request.upgrade === 'all' ? [candidate, current] : [current, candidate];
  const versions = pool.isHeld(pkg) ? [current] : [...new Set(liked)];
  const why = mustStay(pool, request, pkg);
  if (why !== null) return [clause(versions, { kind: 'stays', pkg, why }, { late: LEVEL.version })];
  const fact: Fact = { kind: 'prefers', pkg };
  const isUpgraded = candidate !== current;
  if (isAuto)
    return [clause(versions, fact, { soft: isUpgraded ? LEVEL.upgradeAuto : LEVEL.keepAuto })];
  return [clause(versions, fact, { soft: isUpgraded ? LEVEL.manualOfSeveral : LEVEL.manual })];
}
