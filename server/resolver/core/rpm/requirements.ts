import type { Clause } from '../search-model.ts';
import { isSuccessor } from './choose.ts';
import { levels } from './levels.ts';
import type { Facts } from './model.ts';
import type { Plan } from './plan.ts';
import { namesIn, type Pool } from './pool.ts';
import type { Relation } from './relation.ts';
import { type Cnf, met, unmet } from './rich.ts';
import { meetingOne, namesOf } from './weak.ts';

const needs = ['preDepends', 'depends'] as const;

/** What a package needs and what it cannot stand. */
export interface Requirements {
  (id: number): Clause[];
  /** Wishes of an installed package: rather an update of it than something new in place of what it needs now. */
  successors(id: number): Clause[];
}

export function createRequirements(
  pool: Pool,
  plan: Plan,
  facts: Facts,
  needsSuccessors: boolean,
): Requirements {
  /** What is broken on the device already is not for this answer to mend. */
  const isBroken = (id: number, relation: Relation): boolean =>
    pool.isInstalled(id) && isUnmetNow(pool, relation);

  function required(id: number): Clause[] {
    if (!plan.settings.prerequisites) return [];
    return needs.flatMap((relationKind) =>
      pool
        .relations(id, relationKind)
        .flatMap((relation) =>
          isBroken(id, relation) || isOptionalMember(id, relation)
            ? []
            : withoutTautologies(id, met(pool, relation)).map((literals) =>
                facts.hard({ kind: 'needs', id, relationKind, relation }, [-id, ...literals]),
              ),
        ),
    );
  }

  /** A group may list what no source has. */
  const isOptionalMember = (id: number, relation: Relation): boolean =>
    pool.name(id).startsWith('@') && meetingOne(pool, relation).length === 0;

  function conflicting(id: number): Clause[] {
    if (!plan.settings.prerequisites) return [];
    return pool.relations(id, 'conflicts').flatMap((relation) => conflictOf(id, relation));
  }

  function conflictOf(id: number, relation: Relation): Clause[] {
    return unmet(pool, relation)
      .filter((literals) => !literals.every((literal) => literal === -id))
      .filter((literals) => !bothInstalled(id, literals))
      .map((literals) => facts.hard({ kind: 'conflicts', id, relation }, [-id, ...literals]));
  }

  const bothInstalled = (id: number, literals: readonly number[]): boolean =>
    pool.isInstalled(id) && literals.every((literal) => literal < 0 && pool.isInstalled(-literal));

  /** Others' conflicts that the package is part of. */
  function conflictedBy(id: number): Clause[] {
    if (!plan.settings.prerequisites) return [];
    const others = new Set(namesOf(pool, id).flatMap((name) => pool.mentioning('conflicts', name)));
    others.delete(id);
    return [...others].flatMap((other) =>
      pool
        .relations(other, 'conflicts')
        .filter((relation) => mentions(pool, relation, id))
        .flatMap((relation) => conflictOf(other, relation))
        .filter(({ literals }) => literals.includes(-id)),
    );
  }

  /** The same needs, met by installed packages and what updates them alone. */
  function requiredSuccessors(id: number): Clause[] {
    if (!needsSuccessors) return [];
    return required(id).flatMap(({ literals, origin }) => {
      const found = successorsIn(pool, plan, id, literals);
      return found.length === 0
        ? []
        : [
            {
              soft: null,
              literals: Int32Array.of(...[...literals].filter((one) => one < 0), ...found),
              origin,
            },
          ];
    });
  }

  return Object.assign(
    (id: number) => [
      ...required(id),
      ...requiredSuccessors(id),
      ...conflicting(id),
      ...conflictedBy(id),
    ],
    {
      successors: (id: number) => successorWishes(id),
    },
  );

  function successorWishes(id: number): Clause[] {
    if (!mayBeReplaced(plan, id)) return [];
    return required(id).flatMap(({ literals, origin }) => {
      const installed = [...literals].filter((one) => one > 0 && pool.isInstalled(one));
      const others = [...literals].filter((one) => one > 0 && !pool.isInstalled(one));
      if (installed.length === 0 || others.length === 0) return [];
      return [{ soft: levels.successor, literals: Int32Array.of(...installed, -id), origin }];
    });
  }
}

const mayBeReplaced = (plan: Plan, id: number): boolean =>
  (plan.places.get(id)?.hard?.length ?? 0) > 1;

/**
 * Of what meets a need: what is installed or takes the place of something installed. None if that is all of it or nothing,
 * if the package itself is installed to stay, or if it is new and an installed candidate may be updated to something else.
 */
function successorsIn(pool: Pool, plan: Plan, id: number, literals: Int32Array): number[] {
  const candidates = [...literals].filter((one) => one > 0);
  const found = candidates.filter((one) => isSuccessor(pool, plan, one));
  if (found.length === candidates.length) return [];
  const installed = found.filter((one) => pool.isInstalled(one));
  if (pool.isInstalled(id)) return mayBeReplaced(plan, id) && installed.length > 0 ? installed : [];
  const isNew = !pool.named(pool.name(id)).some((other) => pool.isInstalled(other));
  const mayLeave = (one: number): boolean =>
    (plan.places.get(one)?.hard ?? []).some((other) => !candidates.includes(other));
  return isNew && installed.some(mayLeave) ? [] : found;
}

function isUnmetNow(pool: Pool, relation: Relation): boolean {
  return met(pool, relation).some(
    (literals) => !literals.some((literal) => literal > 0 === pool.isInstalled(Math.abs(literal))),
  );
}

function mentions(pool: Pool, relation: Relation, id: number): boolean {
  const names = new Set(namesOf(pool, id));
  return namesIn(relation).some((name) => names.has(name));
}

function withoutTautologies(id: number, cnf: Cnf): Cnf {
  return cnf.filter((literals) => !literals.includes(id));
}
