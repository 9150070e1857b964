import type { Clause } from '../search-model.ts';
import type { Marks } from './marks.ts';
import type { MakeClause } from './model.ts';
import type { Session } from './session.ts';

/** Soft clauses by what is given up last: not to remove, the version that is wanted, Recommends. */
export const LEVEL = { stays: 1, version: 2, recommends: 3 } as const;

/** What must hold whatever is asked for: what has to stay, essential packages. */
export function baseClauses(
  session: Session,
  marks: Marks,
  clause: MakeClause,
  wanted: ReadonlySet<number>,
): Clause[] {
  const { essential } = session;
  const must = essential.map((pkg) => {
    const version = marks.candidate(pkg);
    const soft = session.request.upgrade === 'all' ? LEVEL.version : null;
    return clause([version], { kind: 'essential', version }, { soft });
  });
  const stays = undecided(session, wanted).flatMap((pkg) =>
    stayClauses(session, marks, clause, pkg),
  );
  return [...must, ...stays];
}

/** Installed packages that the request neither wants nor removes, in the order of the index. */
export function undecided({ pool, removals }: Session, wanted: ReadonlySet<number>): number[] {
  const going = new Set(removals);
  return [...pool.installed()]
    .filter((pkg) => !going.has(pkg) && !wanted.has(pkg))
    .sort((a, b) => pool.order(a) - pool.order(b));
}

/** An installed package stays, as a must or if possible, and at the version that the request would like. */
function stayClauses(
  { pool, request }: Session,
  marks: Marks,
  clause: MakeClause,
  pkg: number,
): Clause[] {
  const current = pool.current(pkg);
  const candidate = marks.candidate(pkg) || current;
  const isHeld = pool.isHeld(pkg);
  const first = request.upgrade === 'all' && !isHeld ? candidate : current;
  const versions = isHeld ? [current] : [...new Set([first, current, candidate])];
  const why = mustStay(pool, request, pkg);
  return [
    clause(versions, why === null ? { kind: 'prefers', pkg } : { kind: 'stays', pkg, why }, {
      soft: why === null ? LEVEL.stays : null,
    }),
    clause([first], { kind: 'prefers', pkg }, { soft: LEVEL.version }),
  ];
}

/** Why an installed package may not go, or null. */
export function mustStay(
  pool: Session['pool'],
  request: Session['request'],
  pkg: number,
): 'hold' | 'essential' | 'no-removal' | null {
  if (pool.isHeld(pkg)) return 'hold';
  if (pool.isEssential(pkg) || pool.isProtected(pkg)) return 'essential';
  const isAuto = request.installed.some(({ name, auto }) => auto && name === pool.name(pkg));
  if (!request.remove || (request.removeManual === false && !isAuto)) return 'no-removal';
  return null;
}
