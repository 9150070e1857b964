import type { Clause, SearchModel } from '../search-model.ts';
import { hasBetterArch } from './bans.ts';
import { preferredToMeet } from './choices.ts';
import { createFacts, type Facts } from './facts.ts';
import { lastingClauses } from './lasting.ts';
import type { Place, Plan } from './plan.ts';
import type { Pool } from './pool.ts';
import { obsoletes, obsoletingTexts } from './updates.ts';

/** A plan as clauses: those of wants and of places one by one, so that some can be left out. */
export interface RpmModel {
  facts: Facts;
  /** The clauses of a want, in the order of `plan.wants`. */
  wants: readonly (readonly Clause[])[];
  /** What must become of installed packages, by package; those that may go have none. */
  places: ReadonlyMap<number, readonly Clause[]>;
  /** What is asked for only as long as it fits. */
  wishes: readonly Clause[];
  /** The need that a clause narrows to what takes the place of installed packages; null: it is none such. */
  originOf(clause: Clause): Clause | null;
  /** Whether the clause is given up where it does not fit. */
  isWeak(clause: Clause): boolean;
  /** Gives weak clauses up. */
  drop(clauses: Iterable<Clause>): void;
  /** Weak clauses that were asked for and not given up. */
  weak(): readonly Clause[];
  /** Packages whose clauses were asked for. */
  touched(): Iterable<number>;
  /** The model with these roots. */
  search(roots: readonly Clause[]): SearchModel;
}

/** `prefers`: of what meets a need, what is installed or takes the place of something installed comes first. */
export function createRpmModel(pool: Pool, plan: Plan, prefers: boolean): RpmModel {
  const lasting = lastingClauses(pool, plan);
  const facts = createFacts(lasting.facts);
  const known = new Map<number, readonly Clause[]>();
  const origins = new Map<Clause, Clause>();
  const weak = new Set<Clause>();
  const dropped = new Set<Clause>();
  const narrows = prefers && pool.installed.length > 0;
  const clausesOf = (id: number): readonly Clause[] => {
    let clauses = known.get(id);
    if (clauses === undefined) {
      const always = lasting.of(id);
      const own = [...banned(id), ...lockstep(id), ...splits(id)];
      const choices = narrows ? always.flatMap((one) => choiceOf(one, id)) : [];
      clauses = own.length + choices.length === 0 ? always : [...own, ...always, ...choices];
      known.set(id, clauses);
    }
    return dropped.size === 0 ? clauses : clauses.filter((clause) => !dropped.has(clause));
  };
  const asWeak = (clause: Clause): Clause => {
    weak.add(clause);
    return clause;
  };

  function choiceOf(need: Clause, id: number): Clause[] {
    if (facts.of(need).kind !== 'needs') return [];
    const negatives = need.literals.filter((one) => one < 0);
    const own = preferredToMeet(pool, plan, id, [...need.literals.filter((one) => one > 0)]);
    if (own === null) return [];
    const clause = asWeak(facts.hard(facts.of(need), [...negatives, ...own]));
    origins.set(clause, need);
    return [clause];
  }

  function banned(id: number): Clause[] {
    const ban = plan.ban(id);
    return ban === null ? [] : [facts.hard({ kind: 'banned', id, ban }, [-id])];
  }

  /** What is for a lesser architecture needs the same version for the best. */
  function lockstep(id: number): Clause[] {
    const { multilib, anyArch } = plan.settings;
    if (!multilib || anyArch || pool.isInstalled(id) || isArchAsked(id)) return [];
    if (!hasBetterArch(pool, id)) return [];
    const partners = pool
      .named(pool.name(id))
      .filter(
        (other) =>
          pool.version(other) === pool.version(id) &&
          (pool.archRank(other) ?? 0) > 0 &&
          !hasBetterArch(pool, other),
      );
    return [facts.hard({ kind: 'lockstep', id }, [-id, ...partners])];
  }

  const askedNames = new Set(
    plan.wants.flatMap(({ job, candidates }) => {
      const { setsArch, selection } = plan.jobs[job] ?? {};
      const asks = setsArch ?? selection?.kind === 'packages';
      if (!asks) return [];
      return candidates.flatMap((id) => (hasBetterArch(pool, id) ? [pool.name(id)] : []));
    }),
  );
  const isArchAsked = (id: number): boolean => askedNames.has(pool.name(id));

  function splits(id: number): Clause[] {
    if (!plan.settings.splitObsoletes || pool.isInstalled(id)) return [];
    if (pool.relations(id, 'obsoletes').length === 0) return [];
    return [...plan.places.values()]
      .filter(({ id: replaced, rule }) => rule.includes(id) && obsoletes(pool, id, replaced))
      .flatMap((place) => splitOf(id, place));
  }

  /** The other names that replace the same package by the same relation. */
  function splitOf(id: number, { id: replaced, rule }: Place): Clause[] {
    const texts = new Set(obsoletingTexts(pool, id, replaced));
    const byName = new Map<string, number[]>();
    for (const other of rule) {
      const shares = obsoletingTexts(pool, other, replaced).some((text) => texts.has(text));
      if (!shares || pool.name(other) === pool.name(id)) continue;
      byName.set(pool.name(other), [...(byName.get(pool.name(other)) ?? []), other]);
    }
    return [...byName.values()].map((others) =>
      facts.hard({ kind: 'split', id, replaced }, [-id, ...others]),
    );
  }

  const places = new Map<number, readonly Clause[]>();
  for (const place of plan.places.values()) places.set(place.id, clausesOfPlace(facts, place));

  return {
    facts,
    places,
    wants: plan.wants.map(({ job, candidates, best, weak: isWeakWant }) => {
      if (isWeakWant) return [];
      const wanted = facts.hard({ kind: 'wanted', job }, candidates);
      return best === null ? [wanted] : [wanted, facts.hard({ kind: 'best', job }, best)];
    }),
    wishes: plan.wants
      .filter((want) => want.weak)
      .map(({ job, candidates }) => asWeak(facts.hard({ kind: 'wanted', job }, candidates))),
    originOf: (clause) => origins.get(clause) ?? null,
    isWeak: (clause) => weak.has(clause),
    drop: (clauses) => {
      for (const clause of clauses) dropped.add(clause);
    },
    weak: () => [...weak].filter((clause) => !dropped.has(clause)),
    touched: () => known.keys(),
    search: (roots) => ({
      roots: () => roots.filter((clause) => !dropped.has(clause)),
      clausesOf,
    }),
  };
}

function clausesOfPlace(facts: Facts, { id, hard, best }: Place): Clause[] {
  return [
    ...(hard === null ? [] : [facts.hard({ kind: 'stays', id }, hard)]),
    ...(best === null ? [] : [facts.hard({ kind: 'best', job: best.job }, best.ids)]),
  ];
}
