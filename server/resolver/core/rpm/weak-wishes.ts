import type { Deciding } from './agenda.ts';
import type { Fact } from './fact.ts';
import { preferred, type Standing } from './policy.ts';
import { namesIn } from './pool.ts';
import type { Relation } from './relation.ts';
import { met } from './rich.ts';
import { isMet, meetingOne, namesOf } from './weak.ts';

/** A package that is to come for the sake of a weak dependency. */
export interface WeakWish {
  literal: number;
  others: readonly number[];
  fact: Fact;
  /** Packages there that the wish rests on. */
  conditions: readonly number[];
}

/** Weak dependencies of what is chosen that nothing meets yet, as libsolv follows them. */
export interface WeakWishes {
  next(): WeakWish | null;
}

/** A package, its relation, and the open packages that would meet it. */
interface Recommended {
  id: number;
  relation: Relation;
  /** Of one clause of the relation. */
  possible: readonly number[];
}

export function createWeakWishes({ pool, plan, state }: Deciding): WeakWishes {
  const { settings } = plan;
  const isTrue = (id: number): boolean => state.values[id] === 1;
  const isOpen = (id: number): boolean => (state.values[id] ?? 0) === 0;
  const mayCome = (id: number): boolean =>
    isOpen(id) && plan.ban(id) === null && !plan.excludedFromWeak.has(id);
  const standing = (): Standing => ({ ...plan.standing, holds: isTrue });
  const byOrder = (a: number, b: number): number => pool.order(a) - pool.order(b);

  function recommendedBy(id: number): Recommended[] {
    if (pool.isInstalled(id) && !settings.recommendsOfInstalled) return [];
    if (!settings.follows(id) && !pool.name(id).startsWith('@')) return [];
    return pool.relations(id, 'recommends').flatMap((relation) =>
      met(pool, relation).flatMap((literals) => {
        if (literals.some((one) => (one > 0 ? isTrue(one) : !isTrue(-one)))) return [];
        const possible = literals.filter((one) => one > 0 && mayCome(one));
        return possible.length === 0 ? [] : [{ id, relation, possible }];
      }),
    );
  }

  function supplementing(): number[] {
    const found = new Set<number>();
    for (const id of state.trail)
      if (id > 0) for (const other of supplementersOf(id)) found.add(other);
    return [...found].filter(
      (id) =>
        mayCome(id) &&
        !pool.isInstalled(id) &&
        settings.follows(id) &&
        !hasNamesake(id) &&
        pool.relations(id, 'supplements').some(isMetByNew),
    );
  }

  /** A further word size or version of what is there is none's wish. */
  const hasNamesake = (id: number): boolean =>
    (settings.multilib || plan.multiversion.has(id)) && pool.named(pool.name(id)).some(isTrue);

  /** What was there before asked for it in vain before. */
  const isMetByNew = (relation: Relation): boolean =>
    isMet(pool, relation, isTrue) &&
    (settings.recommendsOfInstalled ||
      namesIn(relation).some((name) =>
        pool
          .providers({ kind: 'plain', name, comparison: null, evr: null })
          .some((id) => isTrue(id) && !pool.isInstalled(id)),
      ));

  const known = new Map<number, readonly number[]>();
  function supplementersOf(id: number): readonly number[] {
    let others = known.get(id);
    if (others === undefined) {
      const names = [...namesOf(pool, id), ...pool.files(id)];
      others = [...new Set(names.flatMap((name) => pool.mentioning('supplements', name)))];
      known.set(id, others);
    }
    return others;
  }

  function supplementWish(id: number): WeakWish {
    const relation = pool
      .relations(id, 'supplements')
      .find((one) => isMet(pool, one, isTrue)) as Relation;
    const conditions = meetingOne(pool, relation).filter(isTrue).slice(0, 1);
    return { literal: id, others: [], fact: { kind: 'supplements', id, relation }, conditions };
  }

  function recommendWish(one: Recommended, ids: readonly number[]): WeakWish {
    const [literal = 0, ...others] = ids;
    const { id, relation } = one;
    const fact: Fact = { kind: 'needs', id, relationKind: 'recommends', relation };
    return { literal, others, fact, conditions: [id] };
  }

  return {
    next: () => {
      if (!settings.prerequisites) return null;
      const recommended = state.trail.flatMap((id) => (id > 0 ? recommendedBy(id) : []));
      const supplements = supplementing().sort(byOrder);
      const all = [
        ...new Set([
          ...recommended.flatMap(({ possible }) => possible).sort(byOrder),
          ...supplements,
        ]),
      ];
      if (all.length === 0) return null;
      const kept = new Set(all.length === 1 ? all : preferred(pool, all, standing(), 'bare'));
      const [first] = preferred(
        pool,
        supplements.filter((id) => kept.has(id)),
        standing(),
        'only',
      );
      if (first !== undefined) return supplementWish(first);
      for (const one of recommended) {
        const possible = one.possible.filter((id) => kept.has(id));
        if (possible.length > 0) return recommendWish(one, preferred(pool, possible, standing()));
      }
      return null;
    },
  };
}
