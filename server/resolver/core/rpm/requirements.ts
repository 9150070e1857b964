import type { Clause } from '../search-model.ts';
import type { LastingFacts } from './facts.ts';
import { namesIn, type Pool } from './pool.ts';
import type { Relation } from './relation.ts';
import { type Cnf, met, unmet } from './rich.ts';
import { meetingOne, namesOf } from './weak.ts';

const needs = ['preDepends', 'depends'] as const;

/** What a package needs and what it cannot stand. */
export function createRequirements(
  pool: Pool,
  facts: LastingFacts,
  verified: ReadonlySet<number>,
): (id: number) => Clause[] {
  /** What is broken on the device already is not for this answer to mend, unless that is asked for. */
  const isBroken = (id: number, relation: Relation): boolean =>
    pool.isInstalled(id) && !verified.has(id) && isUnmetNow(pool, relation);

  function required(id: number): Clause[] {
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
    return pool.relations(id, 'conflicts').flatMap((relation) => conflictOf(id, relation));
  }

  function conflictOf(id: number, relation: Relation): Clause[] {
    return unmet(pool, relation)
      .filter((literals) => !literals.every((literal) => literal === -id))
      .filter((literals) => !bothInstalled(id, literals))
      .map((literals) => facts.hard({ kind: 'conflicts', id, relation }, [-id, ...literals]));
  }

  const bothInstalled = (id: number, literals: readonly number[]): boolean =>
    pool.isInstalled(id) &&
    !verified.has(id) &&
    literals.every((literal) => literal < 0 && pool.isInstalled(-literal));

  /** Others' conflicts that the package is part of. */
  function conflictedBy(id: number): Clause[] {
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

  return (id) => [...required(id), ...conflicting(id), ...conflictedBy(id)];
}

function isUnmetNow(pool: Pool, relation: Relation): boolean {
  return met(pool, relation).some(
    (literals) => !literals.some((literal) => literal > 0 === pool.isInstalled(Math.abs(literal))),
  );
}

function mentions(pool: Pool, relation: Relation, id: number): boolean {
  const names = namesOf(pool, id);
  return namesIn(relation).some((name) => names.includes(name));
}

function withoutTautologies(id: number, cnf: Cnf): Cnf {
  return cnf.filter((literals) => !literals.includes(id));
}
