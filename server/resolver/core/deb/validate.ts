import type { View } from '../view.ts';
import {
  createFactBook,
  type Fact,
  type FactBook,
  fits,
  type Run,
  type Term,
} from './validate-facts.ts';

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
  const book = view.memo('validate.facts', () => createFactBook(view));
  const run = book.startRun(ids);
  const faults: Fault[] = [];
  for (const id of ids) {
    const fact = book.factOf(id);
    const isClear = run.isCounted && !run.hasAny(clashesOf(book, fact));
    if (!isClear) checkSibling(book, run, fact, faults);
    if (!run.hasAll(fact.witnesses)) checkNeeds(book, run, fact, faults);
    if (!isClear) checkForbids(book, run, fact, faults);
  }
  return faults;
}

/** Worked out once, over all that the view counts. */
function clashesOf(book: FactBook, one: Fact): Int32Array {
  if (one.clashes) return one.clashes;
  const siblings = book.othersOf(one, one.nameId).filter((id) => book.factOf(id).name === one.name);
  const hit = one.forbids.flatMap((term) =>
    book.othersOf(one, term.nameId).filter((id) => isHit(book, one, term, id)),
  );
  one.clashes = Int32Array.from(new Set([...siblings, ...hit]));
  return one.clashes;
}

function checkSibling(book: FactBook, run: Run, one: Fact, faults: Fault[]): void {
  for (let at = run.first(one.nameId); at >= 0; at = run.next(at)) {
    const other = book.factOf(run.at(at));
    if (other.id >= one.id || other.name !== one.name) continue;
    const inStep =
      one.arch !== other.arch &&
      one.multiArch === 'same' &&
      other.multiArch === 'same' &&
      one.version === other.version;
    if (!inStep)
      faults.push({
        id: one.id,
        sentence: `${one.name} is there twice: ${other.version} and ${one.version}.`,
      });
  }
}

/** What served a need once serves it again: it is looked at first. */
function checkNeeds(book: FactBook, run: Run, one: Fact, faults: Fault[]): void {
  const { needs, witnesses } = one;
  for (let place = 0; place < needs.length; place += 1) {
    if (run.isPresent(witnesses[place] as number)) continue;
    const terms = needs[place] as readonly Term[];
    const witness = findWitness(book, run, one, terms);
    if (witness !== 0) witnesses[place] = witness;
    else
      faults.push({
        id: one.id,
        sentence: `${one.name} ${one.version} lacks ${terms.map((term) => term.text).join(' | ')}.`,
      });
  }
}

function findWitness(book: FactBook, run: Run, one: Fact, terms: readonly Term[]): number {
  for (const term of terms)
    for (let at = run.first(term.nameId); at >= 0; at = run.next(at))
      if (serves(book, one, term, run.at(at))) return run.at(at);
  return 0;
}

function serves(book: FactBook, one: Fact, term: Term, id: number): boolean {
  const other = book.factOf(id);
  return book.offersOf(other, term.nameId).some((offer) => {
    if (!fits(offer.version, term)) return false;
    if (term.arch === '') return offer.isForeign || offer.arch === one.arch;
    if (term.arch === 'any') return other.multiArch === 'allowed';
    return offer.isForeign || offer.arch === term.arch;
  });
}

function checkForbids(book: FactBook, run: Run, one: Fact, faults: Fault[]): void {
  for (const term of one.forbids)
    for (let at = run.first(term.nameId); at >= 0; at = run.next(at)) {
      const other = book.factOf(run.at(at));
      if (!isHit(book, one, term, other.id)) continue;
      const whom = `${other.name} ${other.version}`;
      faults.push({
        id: one.id,
        sentence: `${one.name} ${one.version} excludes ${term.text}: ${whom}.`,
      });
    }
}

function isHit(book: FactBook, one: Fact, term: Term, id: number): boolean {
  let hit = term.hits.get(id);
  if (hit === undefined) {
    hit = hits(book, one, term, id);
    term.hits.set(id, hit);
  }
  return hit;
}

/** Policy 7.4: no package excludes itself, or what packages of its own name provide. */
function hits(book: FactBook, one: Fact, term: Term, id: number): boolean {
  const other = book.factOf(id);
  if (id === one.id) return false;
  return book.offersOf(other, term.nameId).some((offer) => {
    if (!fits(offer.version, term)) return false;
    const isAnyArch = term.arch === '' || term.arch === 'any';
    if (!isAnyArch && offer.arch !== term.arch && !offer.isForeign) return false;
    return !(other.name === one.name && (offer.isProvided || one.multiArch === 'same'));
  });
}
