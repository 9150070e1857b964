import type { View } from '../view.ts';
import { createFactBook, type Fact, type FactBook, type Term } from './validate-facts.ts';
import { createRules, type Rules } from './validate-rules.ts';
import { createSoundCheck } from './validate-tables.ts';

/** A fault of an answer, as a sentence; `id` is the package that lacks something or is in the way. */
export interface Fault {
  id: number;
  sentence: string;
}

/**
 * Checks that packages can be there together, by what their index says: Pre-Depends and Depends are met, no Conflicts or
 * Breaks hits, one version of a name and architecture, `Multi-Arch: same` in step. Written after Debian policy 7 and
 * dpkg's Multi-Arch rules, without a part of the solver, so that it finds the solver's mistakes.
 */
export function validateDeb(view: View, ids: readonly number[]): Fault[] {
  const { check, ...reading } = view.memo('validate.deb', () => createReading(view));
  return check.isSound(ids) ? [] : findFaults(reading, ids);
}

interface Reading {
  book: FactBook;
  rules: Rules;
}

function createReading(view: View) {
  const book = createFactBook(view);
  const rules = createRules(view.archs);
  return { book, rules, check: createSoundCheck(view, book, rules) };
}

/** The packages that are there, by the names that they offer. */
interface Present extends Reading {
  byName: ReadonlyMap<string, readonly Fact[]>;
}

/** Every fault, package by package. Looks at the packages alone, and so at any of the view. */
export function findFaults(reading: Reading, ids: readonly number[]): Fault[] {
  const facts = ids.map(reading.book.factOf);
  const byName = new Map<string, Fact[]>();
  for (const fact of facts)
    for (const name of new Set([fact.name, ...fact.provides.map((one) => one.name)])) {
      const known = byName.get(name);
      if (known) known.push(fact);
      else byName.set(name, [fact]);
    }
  const present = { ...reading, byName };
  return facts.flatMap((one) => [
    ...siblingFaults(present, one),
    ...needFaults(present, one),
    ...exclusionFaults(present, one),
  ]);
}

function siblingFaults({ byName, rules }: Present, one: Fact): Fault[] {
  return (byName.get(one.name) ?? [])
    .filter((other) => other.name === one.name && other.id < one.id)
    .filter((other) => !rules.areInStep(one, other))
    .map((other) => ({
      id: one.id,
      sentence: `${one.name} is there twice: ${other.version} and ${one.version}.`,
    }));
}

function needFaults({ byName, book, rules }: Present, one: Fact): Fault[] {
  const isMet = (term: Term): boolean =>
    (byName.get(term.name) ?? []).some((other) => rules.serves(other, term, one.arch));
  return (['preDepends', 'depends'] as const)
    .flatMap((kind) => book.partsOf(one.id, kind))
    .map((part) => book.termsOf(part, one.arch))
    .filter((terms) => terms.length > 0 && !terms.some(isMet))
    .map((terms) => ({
      id: one.id,
      sentence: `${one.name} ${one.version} lacks ${terms.map(({ text }) => text).join(' | ')}.`,
    }));
}

function exclusionFaults({ byName, book, rules }: Present, one: Fact): Fault[] {
  return (['conflicts', 'breaks'] as const)
    .flatMap((kind) => book.partsOf(one.id, kind))
    .flatMap((part) => book.termsOf(part, one.arch))
    .flatMap((term) =>
      (byName.get(term.name) ?? [])
        .filter((other) => rules.isHit(other, term, one))
        .map((other) => ({
          id: one.id,
          sentence: `${one.name} ${one.version} excludes ${term.text}: ${other.name} ${other.version}.`,
        })),
    );
}
