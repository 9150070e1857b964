import type { Clause } from '../search-model.ts';
import { createLastingFacts, type LastingFacts } from './facts.ts';
import type { Settings } from './job.ts';
import type { Pool } from './pool.ts';
import { createRequirements } from './requirements.ts';
import { isArchChange, obsoletes } from './updates.ts';

/** Clauses of packages that hold whatever is asked: needs, conflicts, and what cannot stand beside what. */
export interface LastingClauses {
  of(id: number): readonly Clause[];
  facts: LastingFacts;
}

/** Beyond so many packages, what is worked out is kept no more. */
const MOST = 50_000;

/** Worked out once for a pool. */
export function lastingClauses(pool: Pool, { multilib, prerequisites }: Settings): LastingClauses {
  const key = `${multilib} ${prerequisites}`;
  let lasting = pool.worked.lasting.get(key);
  if (lasting === undefined) {
    lasting = createLastingClauses(pool, multilib, prerequisites);
    pool.worked.lasting.set(key, lasting);
  }
  return lasting;
}

function createLastingClauses(
  pool: Pool,
  multilib: boolean,
  prerequisites: boolean,
): LastingClauses {
  const known = new Map<number, readonly Clause[]>();
  const facts = createLastingFacts();
  const requirements = createRequirements(pool, facts);
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
    (pool.isInstalled(a) && pool.isInstalled(b)) || (multilib && isArchChange(pool, a, b));

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
