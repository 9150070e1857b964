import type { Clause } from '../search-model.ts';
import type { Fact } from './fact.ts';

/** Makes clauses, and remembers what each says. */
export interface Facts {
  hard(fact: Fact, literals: readonly number[]): Clause;
  soft(level: number, fact: Fact, literals: readonly number[]): Clause;
  of(clause: Clause): Fact;
}

/** Origins from 0 on are places among `lasting`, which outlives these; those from -2 on down are these facts' own. */
export function createFacts(lasting: LastingFacts): Facts {
  const own: Fact[] = [];
  const make = (soft: number | null, fact: Fact, literals: readonly number[]): Clause => {
    own.push(fact);
    return { literals: Int32Array.from(literals), soft, origin: -1 - own.length };
  };
  return {
    hard: (fact, literals) => make(null, fact, literals),
    soft: make,
    of: ({ origin }) => (origin < 0 ? own[-2 - origin] : lasting.at(origin)) as Fact,
  };
}

/** Facts of clauses that several plans share. */
export interface LastingFacts {
  at(origin: number): Fact | undefined;
  hard(fact: Fact, literals: readonly number[]): Clause;
}

export function createLastingFacts(): LastingFacts {
  const facts: Fact[] = [];
  return {
    at: (origin) => facts[origin],
    hard: (fact, literals) => {
      facts.push(fact);
      return { literals: Int32Array.from(literals), soft: null, origin: facts.length - 1 };
    },
  };
}
