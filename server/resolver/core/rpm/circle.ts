import type { Pending } from '../search/agenda.ts';
import { statusOf } from '../search/pending.ts';
import type { StoredClause } from '../search/state.ts';
import type { Deciding } from './agenda.ts';
import { preferred } from './policy.ts';
import { createRuleOrder } from './rule-order.ts';

/**
 * What packages need, in libsolv's order of rules; each decision is followed by the next in the circle. Where several
 * packages are equally good, the decision waits until no other is left.
 */
export interface Circle {
  add(stored: StoredClause): void;
  next(): Pending | null;
  /** The next decision is the first of the order again. */
  restart(): void;
}

export function createCircle({ pool, plan, model, state }: Deciding): Circle {
  const clauses: StoredClause[] = [];
  const compare = createRuleOrder(pool, model);
  let last: StoredClause | null = null;
  const isClear = (ids: readonly number[]): boolean =>
    preferred(pool, ids, { ...plan.standing, holds: (id) => state.values[id] === 1 }, 'unordered')
      .length < 2;
  /** Where the clause stands or would stand, after its equals. */
  const placeAfter = (stored: StoredClause): number => {
    let [from, to] = [0, clauses.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (compare((clauses[middle] as StoredClause).clause, stored.clause) <= 0) from = middle + 1;
      else to = middle;
    }
    return from;
  };
  return {
    add: (stored) => void clauses.splice(placeAfter(stored), 0, stored),
    next: () => {
      const start = last === null ? 0 : placeAfter(last);
      let postponed: Pending | null = null;
      for (let step = 0; step < clauses.length; step += 1) {
        const stored = clauses[(start + step) % clauses.length] as StoredClause;
        const status = statusOf(state, stored);
        if (status.kind !== 'pending') continue;
        const found = { stored, possible: status.possible };
        if (!isClear(status.possible)) {
          postponed ??= found;
          continue;
        }
        last = stored;
        return found;
      }
      if (postponed !== null) last = postponed.stored;
      return postponed;
    },
    restart: () => {
      last = null;
    },
  };
}
