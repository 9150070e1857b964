import type { Agenda, Decision } from '../search/agenda.ts';
import { mayBePending, statusOf } from '../search/pending.ts';
import { addClause, type SearchState, type StoredClause } from '../search/state.ts';
import type { Clause } from '../search-model.ts';
import { createBranches } from './branches.ts';
import { type Circle, createCircle } from './circle.ts';
import type { Fact } from './fact.ts';
import type { RpmModel } from './model.ts';
import type { Place, Plan } from './plan.ts';
import { narrowed, type Order, preferred } from './policy.ts';
import type { Pool } from './pool.ts';
import { createWeakWishes } from './weak-wishes.ts';

/** What the steps of a decision work with. */
export interface Deciding {
  pool: Pool;
  plan: Plan;
  model: RpmModel;
  state: SearchState;
}

/**
 * The order in which libsolv decides: the jobs; what becomes of the installed packages; what packages need, round and
 * round; weak dependencies; what no source has. Where all is decided, a choice is made again if another package that was
 * worth trying for it came to be there for another reason.
 */
export function createRpmAgenda(
  { pool, plan, model }: Omit<Deciding, 'state'>,
  state: SearchState,
): Agenda {
  const deciding: Deciding = { pool, plan, model, state };
  const wants: StoredClause[] = [];
  const places = [...plan.places.values()].sort((a, b) => a.id - b.id);
  const circle = createCircle(deciding);
  /** What becomes of installed packages, where that is left to the end. */
  const remainders = createCircle(deciding);
  const weak = createWeakWishes(deciding);
  const isTrue = (id: number): boolean => state.values[id] === 1;
  const isOpen = (id: number): boolean => (state.values[id] ?? 0) === 0;
  const branches = createBranches(state);
  /** Of the places, those before are settled: updated if they are to be, kept if they can be. */
  let [updated, kept] = [0, 0];
  /** The level on which the last decision of the circle was made. */
  let last = Number.MAX_SAFE_INTEGER;

  function choose(clause: Clause, ids: readonly number[], order: Order = 'full'): Decision {
    const best = preferred(pool, ids, { ...plan.standing, holds: isTrue }, order);
    const [literal = 0, ...others] = best;
    if (others.length > 0) branches.open(state.starts.length, others);
    return { literal, clause };
  }

  function nextWant(): Decision | null {
    for (const stored of wants) {
      const status = statusOf(state, stored);
      if (status.kind === 'pending') return choose(stored.clause, keptFirst(status.possible));
    }
    return null;
  }

  /** What is installed already does for a job, unless it is to be updated. */
  function keptFirst(ids: readonly number[]): readonly number[] {
    const own = ids.filter((id) => pool.isInstalled(id));
    const isUpdating = plan.updatesAll || own.some((id) => plan.places.get(id)?.isUpdating);
    return own.length === 0 || isUpdating ? ids : own;
  }

  function nextPlace(): Decision | null {
    for (; updated < places.length; updated += 1) {
      const place = places[updated];
      if (place === undefined || !place.isUpdating) continue;
      const found = besideOf(place) ?? (place.isOrphan ? null : updateOf(place));
      if (found !== null) return found;
    }
    for (; kept < places.length; kept += 1) {
      const place = places[kept];
      if (place !== undefined && isOpen(place.id) && !place.isOrphan)
        return { literal: place.id, clause: wishOf(place) };
    }
    return null;
  }

  /** The best that may stand beside it, if that is better than itself. */
  function besideOf(place: Place): Decision | null {
    const possible = [place.id, ...place.beside].filter((id) => state.values[id] !== -1);
    if (place.beside.length === 0) return null;
    const [best = place.id] = preferred(pool, possible, { ...plan.standing, holds: isTrue });
    return best !== place.id && isOpen(best)
      ? { literal: best, clause: wishOf(place, best) }
      : null;
  }

  function updateOf(place: Place): Decision | null {
    if ([...place.order, ...(place.hard ?? [])].some(isTrue)) return null;
    const open = place.order.filter(isOpen);
    const ids = open.length > 0 ? open : place.others.filter(isOpen);
    return ids.length === 0 ? null : choose(wishOf(place), ids);
  }

  function nextOrphan(): Decision | null {
    const open = places.find(({ id, isOrphan, isDropped }) => isOpen(id) && isOrphan && !isDropped);
    return open === undefined ? null : { literal: open.id, clause: wishOf(open) };
  }

  const wishOf = ({ id }: Place, literal = id): Clause => wish({ kind: 'stays', id }, [literal]);
  function wish(fact: Fact, literals: readonly number[]): Clause {
    const clause = model.facts.soft(0, fact, literals);
    addClause(state, clause, 0);
    return clause;
  }

  const nextNeed = (): Decision | null => nextOf(circle);
  const nextRemainder = (): Decision | null => nextOf(remainders);
  function nextOf(clauses: Circle): Decision | null {
    const found = clauses.next();
    if (found === null) return null;
    last = state.starts.length;
    return choose(found.stored.clause, ownFirst(found.possible));
  }

  function ownFirst(ids: readonly number[]): readonly number[] {
    if (plan.settings.focus !== 'new') return ids;
    const successors = narrowed(ids, (id) => pool.isInstalled(id) || plan.successors.has(id));
    return narrowed(successors, (id) => pool.isInstalled(id));
  }

  function nextWish(): Decision | null {
    const found = weak.next();
    if (found === null) return null;
    circle.restart();
    if (found.others.length > 0) branches.open(state.starts.length, found.others);
    const { literal } = found;
    return { literal, clause: wish(found.fact, [...found.conditions.map((one) => -one), literal]) };
  }

  const isInstalledFirst = plan.settings.focus === 'installed';
  const steps = isInstalledFirst
    ? [nextWant, nextPlace, nextNeed, nextWish, nextOrphan]
    : [nextWant, nextNeed, nextPlace, nextRemainder, nextWish, nextOrphan];

  return {
    add: (index) => {
      const stored = state.clauses[index];
      if (stored === undefined || stored.clause.soft !== null || !mayBePending(stored)) return;
      const { kind } = model.facts.of(stored.clause);
      if (kind === 'wanted' && stored.owner === 0) wants.push(stored);
      else if (kind === 'stays' && !isInstalledFirst) remainders.add(stored);
      else circle.add(stored);
    },
    next: () => {
      for (const step of steps) {
        const decision = step();
        if (decision !== null) return decision;
      }
      return branches.better();
    },
    wentBack: () => {
      if (state.starts.length < last) circle.restart();
      branches.wentBack();
      updated = 0;
      kept = 0;
    },
  };
}
