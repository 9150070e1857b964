import type { Clause, SearchModel } from '../search-model.ts';
import { isInferiorArch } from './bans.ts';
import { createChooser, createWaiver } from './choose.ts';
import type { Fact } from './fact.ts';
import { levels } from './levels.ts';
import type { Place, Plan } from './plan.ts';
import type { Pool } from './pool.ts';
import { createRequirements } from './requirements.ts';
import { isArchChange, obsoletersOf, obsoletes, obsoletingTexts } from './updates.ts';
import { createWeakClauses } from './weak-clauses.ts';

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
  /** The model with these roots. */
  search(roots: readonly Clause[]): SearchModel;
}

/** `needsSuccessors`: what packages need is met by updates of what is installed wherever these could. */
export function createRpmModel(pool: Pool, plan: Plan, needsSuccessors = false): RpmModel {
  const facts = createFacts();
  const known = new Map<number, readonly Clause[]>();
  const requirements = createRequirements(pool, plan, facts, needsSuccessors);
  const weakClauses = createWeakClauses(pool, plan, facts);
  const clausesOf = (id: number): readonly Clause[] => {
    let clauses = known.get(id);
    if (clauses === undefined) {
      clauses = [
        ...banned(id),
        ...requirements(id),
        ...exclusions(id),
        ...splits(id),
        ...weakClauses(id),
      ];
      known.set(id, clauses);
    }
    return clauses;
  };

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

  /** Two word sizes of one version may stand side by side; what is installed so already may stay. */
  function mayCoexist(a: number, b: number): boolean {
    if (pool.isInstalled(a) && pool.isInstalled(b)) return true;
    return (
      plan.settings.multilib && isArchChange(pool, a, b) && pool.version(a) === pool.version(b)
    );
  }

  function obsoleting(id: number): Clause[] {
    const obsoleted = pool
      .relations(id, 'obsoletes')
      .flatMap((relation) => (relation.kind === 'plain' ? pool.named(relation.name) : []))
      .filter((other) => obsoletes(pool, id, other));
    const pairs = [
      ...obsoleted.map((other) => [id, other] as const),
      ...obsoletersOf(pool, id).map((other) => [other, id] as const),
    ];
    return pairs
      .filter(([a, b]) => !pool.isInstalled(a) && a !== b)
      .map(([a, b]) => facts.hard({ kind: 'obsoletes', id: a, other: b }, [-a, -b]));
  }

  /** What is for a lesser architecture needs the same version for the best. */
  function lockstep(id: number): Clause[] {
    if (!plan.settings.multilib || pool.isInstalled(id) || isArchAsked(id)) return [];
    if (!isInferiorArch(pool, id, plan.upgrades)) return [];
    const partners = pool
      .named(pool.name(id))
      .filter(
        (other) =>
          pool.version(other) === pool.version(id) &&
          (pool.archRank(other) ?? 0) > 0 &&
          !isInferiorArch(pool, other, plan.upgrades),
      );
    return [facts.hard({ kind: 'lockstep', id }, [-id, ...partners])];
  }

  const askedArchs = new Set(
    plan.wants.flatMap(({ job, candidates }) => {
      const { setsArch, selection } = plan.jobs[job] ?? {};
      return (setsArch ?? selection?.kind === 'packages') ? candidates : [];
    }),
  );
  const isArchAsked = (id: number): boolean => askedArchs.has(id);

  function splits(id: number): Clause[] {
    if (!plan.settings.splitObsoletes || pool.isInstalled(id)) return [];
    return [...plan.places.values()]
      .filter(({ isUpdating, id: replaced }) => isUpdating && obsoletes(pool, id, replaced))
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
      facts.soft(levels.split, { kind: 'split', id, replaced }, [-id, ...others]),
    );
  }

  const places = new Map<number, readonly Clause[]>();
  for (const place of plan.places.values()) places.set(place.id, clausesOfPlace(facts, place));

  return {
    facts,
    places,
    wants: plan.wants.map(({ job, candidates, best, weak }) => {
      if (weak) return [];
      const wanted = facts.hard({ kind: 'wanted', job }, candidates);
      return best === null ? [wanted] : [wanted, facts.hard({ kind: 'best', job }, best)];
    }),
    wishes: [
      ...plan.wants
        .filter(({ weak }) => weak)
        .map(({ job, candidates }) =>
          facts.soft(levels.weakJob, { kind: 'wanted', job }, candidates),
        ),
      ...[...plan.places.values()].flatMap((place) => wishesOf(facts, plan, place)),
      ...[...plan.places.keys()].flatMap((id) => requirements.successors(id)),
    ],
    search: (roots) => ({
      roots: () => roots,
      clausesOf,
      choose: createChooser(pool, plan, facts),
      waives: createWaiver(pool, plan, facts),
      turn: (id) => (pool.isInstalled(id) ? id - pool.count : id),
    }),
  };
}

function clausesOfPlace(facts: Facts, { id, hard, best }: Place): Clause[] {
  return [
    ...(hard === null ? [] : [late(facts.hard({ kind: 'stays', id }, hard))]),
    ...(best === null ? [] : [late(facts.hard({ kind: 'best', job: best.job }, best.ids))]),
  ];
}

const late = (clause: Clause): Clause => ({ ...clause, late: levels.places });

function wishesOf(facts: Facts, plan: Plan, { id, order, level }: Place): Clause[] {
  const isLate = level === levels.keep && plan.settings.focus !== 'installed';
  return [facts.soft(isLate ? levels.keepLate : level, { kind: 'stays', id }, order)];
}
