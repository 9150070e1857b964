import type { Clause, SearchModel } from '../search-model.ts';
import { choicesOf } from './apt3/choices.ts';
import { baseOfApt3 } from './apt3/stays.ts';
import { weakLevelOf } from './apt3/weak-level.ts';
import type { Group } from './groups.ts';
import { createMarks, type Marks } from './marks.ts';
import { solutionsOf } from './providers-order.ts';
import type { Session } from './session.ts';
import { baseClauses, LEVEL } from './stays.ts';

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

/** Makes a clause of literals and what it says; `soft` is its level, absent: a must; `late` as in `Clause`. */
export type MakeClause = (
  literals: readonly number[],
  fact: Fact,
  when?: { soft?: number | null; late?: number },
) => Clause;

/** Where policies differ: in what order, and how firmly, things are wanted. */
interface Manners {
  /** Candidates and installed versions that serve a group, the best first. */
  choices(group: Group): readonly number[];
  /** The level of a Recommends, null: it is a must, undefined: it is passed over. */
  weakLevel(version: number, group: Group): number | null | undefined;
  base: readonly Clause[];
}

/** Makes clauses as the search comes to them. */
export function createDebModel(session: Session): DebModel {
  const { pool, groups, candidates, request } = session;
  const facts: Fact[] = [];
  const marks = createMarks({ ...session, auto: new Set(), candidates });
  const clause: MakeClause = (literals, fact, { soft = null, ...late } = {}) => {
    facts.push(fact);
    return { literals: Int32Array.from(literals), soft, ...late, origin: facts.length - 1 };
  };
  const wantedPackages = new Set(
    session.wanted.flatMap((one) => (one.kind === 'found' ? [one.pkg] : [])),
  );
  const manners = mannersOf(session, marks, clause, wantedPackages);
  const mayCome = (version: number): boolean => {
    const pkg = pool.packageOf(version);
    if (request.additions === false && pool.current(pkg) === 0) return wantedPackages.has(pkg);
    return true;
  };

  function needs(version: number, group: Group, soft: number | null): Clause {
    const solutions = manners.choices(group).filter(mayCome);
    const fact: Fact = { kind: 'needs', version, group, solutions };
    return clause([-version, ...solutions], fact, { soft });
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
    for (const group of groups.of(version)) {
      if (group.isNegative) clauses.push(...excludes(version, group));
      else if (group.isCritical) {
        if (isFair(session, version, group)) clauses.push(needs(version, group, null));
      } else {
        const soft = manners.weakLevel(version, group);
        if (soft !== undefined) clauses.push(needs(version, group, soft));
      }
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
  return {
    roots: () => [...manners.base, ...inOrder(session, wants).flat()],
    base: manners.base,
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

function mannersOf(
  session: Session,
  marks: Marks,
  clause: MakeClause,
  wanted: ReadonlySet<number>,
): Manners {
  const { pool, request } = session;
  if (request.policy === 'apt3')
    return {
      choices: (group) => choicesOf(marks, group, request.upgrade === 'all'),
      weakLevel: (version, group) => weakLevelOf(session, marks, version, group),
      base: baseOfApt3(session, marks, clause, wanted),
    };
  const isNew = (version: number): boolean => pool.current(pool.packageOf(version)) !== version;
  return {
    choices: (group) => solutionsOf(marks, group, 'both'),
    weakLevel: (version, group) =>
      isNew(version) && marks.isWanted(version, group) ? LEVEL.recommends : undefined,
    base: baseClauses(session, marks, clause, wanted),
  };
}

/** An installed version that lacks something already need not be mended. */
function isFair({ pool }: Session, version: number, group: Group): boolean {
  if (pool.current(pool.packageOf(version)) !== version) return true;
  return group.alternatives.some(({ versions, packages }) =>
    versions.some((other, place) => pool.current(packages[place] as number) === other),
  );
}
