import type { Clause, SearchModel } from '../search-model.ts';
import { choicesOf } from './apt3/choices.ts';
import type { Group } from './groups.ts';
import { createMarks, type Marks } from './marks.ts';
import { solutionsOf } from './providers-order.ts';
import type { Session } from './session.ts';

/** What a clause says, for sentences. */
export type Fact =
  | { kind: 'want'; name: string; version: number }
  | { kind: 'essential'; version: number }
  | { kind: 'needs'; version: number; group: Group; solutions: readonly number[] }
  | { kind: 'excludes'; version: number; group: Group; other: number }
  | { kind: 'one-version'; version: number; other: number }
  | { kind: 'stays'; pkg: number; why: 'hold' | 'essential' | 'no-removal' }
  | { kind: 'prefers'; pkg: number }
  | { kind: 'goes'; pkg: number };

/** A request as clauses over the versions of a view. */
export interface DebModel extends SearchModel {
  /** What must hold whatever is asked for: what has to stay, essential packages. */
  base: readonly Clause[];
  /** The clauses of each want that was found, by its index among the wants; of removals, by theirs after all wants. */
  wants: ReadonlyMap<number, readonly Clause[]>;
  factOf(clause: Clause): Fact;
}

/** Soft clauses by what is given up last: not to remove, the version that is wanted, Recommends. */
const LEVEL = { stays: 1, version: 2, recommends: 3 } as const;

/** Makes clauses as the search comes to them. */
export function createDebModel(session: Session): DebModel {
  const { pool, groups, candidates, request } = session;
  const facts: Fact[] = [];
  const marks = createMarks({ ...session, auto: new Set(), candidates });
  const clause = (literals: readonly number[], fact: Fact, soft: number | null = null): Clause => {
    facts.push(fact);
    return { literals: Int32Array.from(literals), soft, origin: facts.length - 1 };
  };
  const wantedPackages = new Set(
    session.wanted.flatMap((one) => (one.kind === 'found' ? [one.pkg] : [])),
  );
  const mayCome = (version: number): boolean => {
    const pkg = pool.packageOf(version);
    if (request.additions === false && pool.current(pkg) === 0) return wantedPackages.has(pkg);
    return true;
  };

  function needs(version: number, group: Group): Clause {
    const solutions = possible(session, marks, group).filter(mayCome);
    const fact: Fact = { kind: 'needs', version, group, solutions };
    return clause([-version, ...solutions], fact, group.isCritical ? null : LEVEL.recommends);
  }

  function excludes(version: number, group: Group): Clause[] {
    return group.alternatives.flatMap(({ versions }) =>
      versions.map((other) =>
        clause([-version, -other], { kind: 'excludes', version, group, other }),
      ),
    );
  }

  function clausesOf(version: number): Clause[] {
    const clauses: Clause[] = [];
    for (const other of pool.versions(pool.packageOf(version)))
      if (other !== version)
        clauses.push(clause([-version, -other], { kind: 'one-version', version, other }));
    if (!request.prerequisites) return clauses;
    const isNew = pool.current(pool.packageOf(version)) !== version;
    for (const group of groups.of(version)) {
      if (group.isNegative) clauses.push(...excludes(version, group));
      else if (group.isCritical && isFair(session, version, group))
        clauses.push(needs(version, group));
      else if (!group.isCritical && isNew && marks.isWanted(version, group))
        clauses.push(needs(version, group));
    }
    return clauses;
  }

  const wants = new Map<number, readonly Clause[]>();
  for (const [index, one] of session.wanted.entries())
    if (one.kind === 'found') {
      const fact: Fact = { kind: 'want', name: one.want.name, version: one.version };
      wants.set(index, [clause([one.version], fact)]);
    }
  for (const [index, pkg] of session.removals.entries())
    wants.set(
      request.wants.length + index,
      pool.versions(pkg).map((version) => clause([-version], { kind: 'goes', pkg })),
    );
  const base = baseClauses(session, marks, clause, wantedPackages);
  return {
    roots: () => [...base, ...inOrder(session, wants).flat()],
    base,
    wants,
    clausesOf,
    factOf: ({ origin }) => facts[origin] as Fact,
  };
}

/** The clauses of wants: as they were asked for, but where apt 3 chooses, in the order of the index. */
function inOrder(
  { pool, request, wanted }: Session,
  wants: ReadonlyMap<number, readonly Clause[]>,
): (readonly Clause[])[] {
  if (request.policy !== 'apt3') return [...wants.values()];
  const orderOf = (index: number): number => {
    const one = wanted[index];
    return one?.kind === 'found' ? pool.order(one.pkg) : Number.POSITIVE_INFINITY;
  };
  return [...wants].sort(([a], [b]) => orderOf(a) - orderOf(b) || a - b).map(([, one]) => one);
}

/** Candidates and installed versions that serve a group, in the order of the policy. */
function possible({ request }: Session, marks: Marks, group: Group): readonly number[] {
  if (request.policy !== 'apt3') return solutionsOf(marks, group, 'both');
  return choicesOf(marks, group, request.upgrade === 'all');
}

/** An installed version that lacks something already need not be mended. */
function isFair({ pool }: Session, version: number, group: Group): boolean {
  if (pool.current(pool.packageOf(version)) !== version) return true;
  return group.alternatives.some(({ versions, packages }) =>
    versions.some((other, place) => pool.current(packages[place] as number) === other),
  );
}

type MakeClause = (literals: readonly number[], fact: Fact, soft?: number | null) => Clause;

function baseClauses(
  session: Session,
  marks: Marks,
  clause: MakeClause,
  wanted: ReadonlySet<number>,
): Clause[] {
  const { pool, removals, essential } = session;
  const going = new Set(removals);
  const must = essential.map((pkg) => {
    const version = marks.candidate(pkg);
    const soft = session.request.upgrade === 'all' ? LEVEL.version : null;
    return clause([version], { kind: 'essential', version }, soft);
  });
  const stays = [...pool.installed()]
    .filter((pkg) => !going.has(pkg) && !wanted.has(pkg))
    .sort((a, b) => pool.order(a) - pool.order(b))
    .flatMap((pkg) => stayClauses(session, marks, clause, pkg));
  return [...must, ...stays];
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
    clause(
      versions,
      why === null ? { kind: 'prefers', pkg } : { kind: 'stays', pkg, why },
      why === null ? LEVEL.stays : null,
    ),
    clause([first], { kind: 'prefers', pkg }, LEVEL.version),
  ];
}

function mustStay(
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
