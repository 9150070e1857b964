import type { Clause, SearchModel } from '../search-model.ts';
import { hasBetterArch } from './bans.ts';
import { preferredToMeet } from './choices.ts';
import type { Fact } from './fact.ts';
import type { Place, Plan } from './plan.ts';
import type { Pool } from './pool.ts';
import { createRequirements } from './requirements.ts';
import { isArchChange, obsoletersOf, obsoletes, obsoletingTexts } from './updates.ts';

/** Makes clauses, and remembers what each says. */
export interface Facts {
  hard(fact: Fact, literals: readonly number[]): Clause;
  soft(level: number, fact: Fact, literals: readonly number[]): Clause;
  of(clause: Clause): Fact;
  all(): readonly Fact[];
}

function createFacts(): Facts {
  const facts: Fact[] = [];
  const make = (soft: number | null, fact: Fact, literals: readonly number[]): Clause => {
    facts.push(fact);
    return { literals: Int32Array.from(literals), soft, origin: facts.length - 1 };
  };
  return {
    hard: (fact, literals) => make(null, fact, literals),
    soft: make,
    of: ({ origin }) => facts[origin] as Fact,
    all: () => facts,
  };
}

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
  /** The model with these roots. */
  search(roots: readonly Clause[]): SearchModel;
}

/** `prefers`: of what meets a need, what is installed or takes the place of something installed comes first. */
export function createRpmModel(pool: Pool, plan: Plan, prefers: boolean): RpmModel {
  const facts = createFacts();
  const known = new Map<number, readonly Clause[]>();
  const origins = new Map<Clause, Clause>();
  const weak = new Set<Clause>();
  const dropped = new Set<Clause>();
  const requirements = createRequirements(pool, plan, facts);
  const clausesOf = (id: number): readonly Clause[] => {
    let clauses = known.get(id);
    if (clauses === undefined) {
      const required = requirements(id);
      clauses = [
        ...banned(id),
        ...required,
        ...exclusions(id),
        ...splits(id),
        ...(prefers ? required.flatMap((one) => choiceOf(one, id)) : []),
      ];
      known.set(id, clauses);
    }
    return dropped.size === 0 ? clauses : clauses.filter((clause) => !dropped.has(clause));
  };
  const asWeak = (clause: Clause): Clause => {
    weak.add(clause);
    return clause;
  };

  function choiceOf(need: Clause, id: number): Clause[] {
    if (facts.of(need).kind !== 'needs' || pool.installed.length === 0) return [];
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

  function exclusions(id: number): Clause[] {
    return [...sameName(id), ...obsoleting(id), ...lockstep(id)];
  }

  function sameName(id: number): Clause[] {
    return pool
      .named(pool.name(id))
      .filter((other) => other !== id && !mayCoexist(id, other))
      .map((other) => facts.hard({ kind: 'same-name', id, other }, [-id, -other]));
  }

  /** Two word sizes may stand side by side (`lockstep` sees to their versions); what is installed so already may stay. */
  const mayCoexist = (a: number, b: number): boolean =>
    (pool.isInstalled(a) && pool.isInstalled(b)) ||
    (plan.settings.multilib && isArchChange(pool, a, b));

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

  /** What is for a lesser architecture needs the same version for the best. */
  function lockstep(id: number): Clause[] {
    if (!plan.settings.multilib || pool.isInstalled(id) || isArchAsked(id)) return [];
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
    return [...plan.places.values()]
      .filter(({ id: replaced }) => obsoletes(pool, id, replaced))
      .flatMap((place) => splitOf(id, place));
  }

  /** The other names that replace the same package by the same relation. */
  function splitOf(id: number, { id: replaced }: Place): Clause[] {
    const texts = new Set(obsoletingTexts(pool, id, replaced));
    const byName = new Map<string, number[]>();
    for (const other of obsoletersOf(pool, replaced)) {
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
