import type { Clause } from '../search-model.ts';
import { createLastingFacts, type LastingFacts } from './facts.ts';
import type { Plan } from './plan.ts';
import type { Pool } from './pool.ts';
import { createRequirements } from './requirements.ts';
import { isArchChange, isSamePackage, obsoletes } from './updates.ts';

/** Clauses of packages that hold whatever is asked: needs, conflicts, and what cannot stand beside what. */
export interface LastingClauses {
  of(id: number): readonly Clause[];
  facts: LastingFacts;
}

/** Beyond so many packages, what is worked out is kept no more. */
const MOST = 50_000;

/** What clauses depend on beside the packages. */
type Terms = Pick<Plan, 'settings' | 'multiversion' | 'verified'>;

/** Worked out once for a pool and each of the terms. */
export function lastingClauses(pool: Pool, terms: Terms): LastingClauses {
  const { multilib, prerequisites, obsoletesBeside } = terms.settings;
  const ids = [...terms.multiversion, '/', ...terms.verified];
  const key = [multilib, prerequisites, obsoletesBeside, ...ids].join(' ');
  let lasting = pool.worked.lasting.get(key);
  if (lasting === undefined) {
    lasting = createLastingClauses(pool, terms);
    pool.worked.lasting.set(key, lasting);
  }
  return lasting;
}

function createLastingClauses(
  pool: Pool,
  { settings, multiversion, verified }: Terms,
): LastingClauses {
  const { multilib, prerequisites, obsoletesBeside } = settings;
  const known = new Map<number, readonly Clause[]>();
  const facts = createLastingFacts();
  const requirements = createRequirements(pool, facts, verified);
  const work = (id: number): readonly Clause[] => [
    ...(prerequisites ? requirements(id) : []),
    ...sameName(id),
    ...obsoleting(id),
  ];

  function sameName(id: number): Clause[] {
    return pool
      .named(pool.name(id))
      .filter((other) => other !== id && !mayCoexist(id, other))
      .map((other) => facts.hard({ kind: 'same-name', id, other }, [-id, -other]));
  }

  /** Two word sizes may stand side by side (`lockstep` sees to their versions); what is installed so already may stay. */
  const mayCoexist = (a: number, b: number): boolean =>
    (pool.isInstalled(a) && pool.isInstalled(b)) ||
    (multilib && isArchChange(pool, a, b)) ||
    (multiversion.has(a) && multiversion.has(b) && !isSamePackage(pool, a, b));

  function obsoleting(id: number): Clause[] {
    const obsoleted = pool
      .relations(id, 'obsoletes')
      .flatMap((relation) => (relation.kind === 'plain' ? pool.named(relation.name) : []))
      .filter((other) => obsoletes(pool, id, other));
    const pairs = [
      ...obsoleted.map((other) => [id, other] as const),
      ...pool
        .mentioning('obsoletes', pool.name(id))
        .filter((other) => obsoletes(pool, other, id))
        .map((other) => [other, id] as const),
    ];
    return pairs
      .filter(([a, b]) => a !== b && !(pool.isInstalled(a) && pool.isInstalled(b)))
      .filter(([a]) => obsoletesBeside || !multiversion.has(a))
      .map(([a, b]) => facts.hard({ kind: 'obsoletes', id: a, other: b }, [-a, -b]));
  }

  return {
    facts,
    of: (id) => {
      let clauses = known.get(id);
      if (clauses === undefined) {
        clauses = work(id);
        if (known.size < MOST) known.set(id, clauses);
      }
      return clauses;
    },
  };
}
