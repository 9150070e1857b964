import type { Clauses, Pool } from './pool.ts';
import type { Relation } from './relation.ts';
import { meetingOne } from './weak.ts';

export type Cnf = Clauses;

/** More clauses than any package has need of. */
const MAX_CLAUSES = 4096;
const NEVER: Cnf = [[]];

/** What must hold so that the relation is met. One that is too large to write down is never met. */
export function met(pool: Pool, relation: Relation): Cnf {
  return workedOut(pool.worked.met, relation, () => workOutMet(pool, relation));
}

/** What must hold so that the relation is not met. */
export function unmet(pool: Pool, relation: Relation): Cnf {
  return workedOut(pool.worked.unmet, relation, () => workOutUnmet(pool, relation));
}

function workedOut(known: WeakMap<Relation, Cnf>, relation: Relation, work: () => Cnf): Cnf {
  let cnf = known.get(relation);
  if (cnf === undefined) {
    cnf = work();
    known.set(relation, cnf);
  }
  return cnf;
}

function workOutMet(pool: Pool, relation: Relation): Cnf {
  if (relation.kind === 'plain') return [pool.providers(relation)];
  const { left, right, otherwise } = relation;
  switch (relation.operator) {
    case 'and':
      return both(met(pool, left), met(pool, right));
    case 'or':
      return either(met(pool, left), met(pool, right));
    case 'if':
      return ifElse(
        met(pool, left),
        unmet(pool, right),
        met(pool, right),
        otherwise && met(pool, otherwise),
      );
    case 'unless':
      return otherwise === null
        ? both(met(pool, left), unmet(pool, right))
        : both(
            either(unmet(pool, right), met(pool, otherwise)),
            either(met(pool, right), met(pool, left)),
          );
    case 'with':
    case 'without':
      return [meetingOne(pool, relation)];
  }
}

function workOutUnmet(pool: Pool, relation: Relation): Cnf {
  if (relation.kind === 'plain') return pool.providers(relation).map((id) => [-id]);
  const { left, right, otherwise } = relation;
  switch (relation.operator) {
    case 'and':
      return either(unmet(pool, left), unmet(pool, right));
    case 'or':
      return both(unmet(pool, left), unmet(pool, right));
    case 'if':
      return otherwise === null
        ? both(unmet(pool, left), met(pool, right))
        : both(
            either(unmet(pool, right), unmet(pool, left)),
            either(met(pool, right), unmet(pool, otherwise)),
          );
    case 'unless':
      return ifElse(
        unmet(pool, left),
        met(pool, right),
        unmet(pool, right),
        otherwise && unmet(pool, otherwise),
      );
    case 'with':
    case 'without':
      return meetingOne(pool, relation).map((id) => [-id]);
  }
}

/** `then` or not the condition; and, with `otherwise`, that or the condition. */
function ifElse(then: Cnf, notCondition: Cnf, condition: Cnf, otherwise: Cnf | null): Cnf {
  const first = either(then, notCondition);
  return otherwise === null ? first : both(first, either(condition, otherwise));
}

const both = (a: Cnf, b: Cnf): Cnf => (a.length + b.length > MAX_CLAUSES ? NEVER : [...a, ...b]);

function either(a: Cnf, b: Cnf): Cnf {
  if (a.length * b.length > MAX_CLAUSES) return NEVER;
  return a.flatMap((left) =>
    b.flatMap((right) => {
      const literals = new Set([...left, ...right]);
      const always = [...literals].some((literal) => literals.has(-literal));
      return always ? [] : [[...literals]];
    }),
  );
}
