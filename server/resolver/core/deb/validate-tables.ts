import type { RelationKind } from '../universe.ts';
import type { View } from '../view.ts';
import { createNumberStore } from './number-store.ts';
import type { Fact, FactBook, Term } from './validate-facts.ts';
import type { Rules } from './validate-rules.ts';

/** Whether packages have no fault together, without a word on which they would have. */
export interface SoundCheck {
  /** False also where one of them is none that the view counts: of these the tables know nothing. */
  isSound(ids: readonly number[]): boolean;
}

/*
 * Equal needs of packages of one architecture are one need: its servers, all packages of the view that meet it, stand in
 * `servers`. The row of a package: where its needs end, where its clashes end, needs, clashes; a clash is a package
 * that cannot be there with it.
 */

/** Tables over the packages that the view counts, written as they are asked for. */
export function createSoundCheck(view: View, book: FactBook, rules: Rules): SoundCheck {
  const rows = createNumberStore();
  const rowOf = new Int32Array(view.count + 1).fill(UNREAD);
  const needs = createNeeds(view, book, rules);
  const present = new Uint8Array(view.count + 1);

  function write(id: number): number {
    const fact = book.factOf(id);
    if (!view.named(fact.name).includes(id)) return UNCOUNTED;
    const row = rows.length;
    rows.push(0);
    rows.push(0);
    for (const kind of NEEDS)
      for (const part of book.partsOf(id, kind)) {
        const need = needs.numberOf(part, fact.arch);
        if (need >= 0) rows.push(need);
      }
    rows.cells[row] = rows.length;
    rows.pushAll([...clashesOf(view, book, rules, fact)]);
    rows.cells[row + 1] = rows.length;
    return row;
  }

  function isClear(id: number): boolean {
    const row = rowOf[id] as number;
    const { cells } = rows;
    const clashes = cells[row] as number;
    const end = cells[row + 1] as number;
    for (let at = row + 2; at < clashes; at += 1)
      if (!needs.isServed(cells[at] as number, present)) return false;
    for (let at = clashes; at < end; at += 1) if (present[cells[at] as number] === 1) return false;
    return true;
  }

  return {
    isSound(ids) {
      for (const id of ids) {
        if (rowOf[id] === UNREAD) rowOf[id] = write(id);
        if (rowOf[id] === UNCOUNTED) return false;
      }
      needs.startRun();
      for (const id of ids) present[id] = 1;
      const isSound = ids.every(isClear);
      for (const id of ids) present[id] = 0;
      return isSound;
    },
  };
}

const UNREAD = -1;
const UNCOUNTED = -2;
const NEEDS: readonly RelationKind[] = ['preDepends', 'depends'];
const EXCLUSIONS: readonly RelationKind[] = ['conflicts', 'breaks'];

/** Packages of the view that have a name or provide it. */
function offering(view: View, name: string): readonly number[] {
  const [own, provided] = [view.named(name), view.providers(name)];
  return provided.length === 0 ? own : [...own, ...provided];
}

function clashesOf(view: View, book: FactBook, rules: Rules, one: Fact): Set<number> {
  const clashes = new Set<number>();
  for (const id of view.named(one.name))
    if (id !== one.id && !rules.areInStep(one, book.factOf(id))) clashes.add(id);
  for (const kind of EXCLUSIONS)
    for (const part of book.partsOf(one.id, kind))
      for (const term of book.termsOf(part, one.arch))
        for (const id of offering(view, term.name))
          if (rules.isHit(book.factOf(id), term, one)) clashes.add(id);
  return clashes;
}

/** Needs by number. One that was found to be served in a run is not looked at again in that run. */
function createNeeds(view: View, book: FactBook, rules: Rules) {
  const byArch = new Map<string, Map<string, number>>();
  const servers = createNumberStore();
  const starts = createNumberStore();
  starts.push(0);
  let served = new Uint32Array(0);
  let run = 0;

  const isServer = (id: number, terms: readonly Term[], arch: string): boolean =>
    terms.some((term) => rules.serves(book.factOf(id), term, arch));

  function write(part: string, arch: string): number {
    const terms = book.termsOf(part, arch);
    if (terms.length === 0) return -1;
    const able = new Set(terms.flatMap((term) => offering(view, term.name)));
    servers.pushAll([...able].filter((id) => isServer(id, terms, arch)));
    starts.push(servers.length);
    return starts.length - 2;
  }

  return {
    /** -1: nothing is needed. */
    numberOf(part: string, arch: string): number {
      const ofArch = byArch.get(arch) ?? new Map<string, number>();
      byArch.set(arch, ofArch);
      const number = ofArch.get(part) ?? write(part, arch);
      ofArch.set(part, number);
      return number;
    },
    startRun(): void {
      run += 1;
      if (served.length >= starts.length) return;
      served = new Uint32Array(starts.cells.length);
    },
    isServed(need: number, present: Uint8Array): boolean {
      if (served[need] === run) return true;
      const end = starts.cells[need + 1] as number;
      for (let at = starts.cells[need] as number; at < end; at += 1)
        if (present[servers.cells[at] as number] === 1) {
          served[need] = run;
          return true;
        }
      return false;
    },
  };
}
