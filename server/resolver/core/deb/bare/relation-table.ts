import type { RelationKind } from '../../universe.ts';
import { siblingsOutOfStep, withoutOwn } from '../exclusions.ts';
import { createNumberStore } from '../number-store.ts';
import type { Pool } from '../pool.ts';
import { compareNewProviders } from '../providers-order.ts';
import { type DebAlternative, isForArch, parseDebRelation } from '../relation.ts';
import type { Satisfaction } from '../satisfy.ts';

/*
 * What packages need and exclude on a device that has nothing, in one run of numbers: only candidates can come then, so
 * only they are written down. The row of a version begins at `rowOf(version)`:
 *
 *   where its needs end, where its exclusions end, needs, exclusions
 *
 * A need is a head (`NeedHead`) and its candidates in the order in which apt tries them; where the index has them in
 * another order, they stand once more in that one. An exclusion is a version.
 */
export interface RelationTable {
  /** Where the row of a version begins. It is written when it is first asked for. */
  rowOf(version: number): number;
  /** The table. Another array once a row was added: do not keep it over a call of `rowOf`. */
  readonly cells: Int32Array;
  /** The need of a version that lies at a place of the table. */
  needAt(version: number, cell: number): NeedText;
  readonly bytes: number;
}

/** A need as its package's index entry says it. */
export interface NeedText {
  kind: NeedKind;
  text: string;
}

export type NeedKind = 'preDepends' | 'depends' | 'recommends';

/** How the head of a need is to be read. */
export const NeedHead = {
  isSoft: (head: number): boolean => (head & SOFT) !== 0,
  /** How many candidates it has. */
  count: (head: number): number => head >> 2,
  /** How many numbers follow the head. */
  size: (head: number): number => ((head & TWICE) !== 0 ? (head >> 2) * 2 : head >> 2),
} as const;

const SOFT = 1;
const TWICE = 2;
const NEEDS: readonly NeedKind[] = ['preDepends', 'depends', 'recommends'];
const EXCLUSIONS: readonly RelationKind[] = ['conflicts', 'breaks'];

/** What serves a need: candidates in apt's order, and in the index's if that is another. */
interface Servers {
  tried: readonly number[];
  listed: readonly number[] | null;
}

/** An empty table over the versions of a pool. */
export function createRelationTable(pool: Pool, satisfaction: Satisfaction): RelationTable {
  const { view } = pool;
  const store = createNumberStore();
  const rows = new Int32Array(view.count + 1).fill(-1);
  const known = new Map<string, Map<string, Servers | null>>();
  const isCandidate = (version: number): boolean =>
    pool.candidate(pool.packageOf(version)) === version;

  /** Null: no alternative counts for the architecture, so that nothing is needed. */
  function serversOf(part: string, arch: string): Servers | null {
    const ofArch = known.get(arch) ?? new Map<string, Servers | null>();
    known.set(arch, ofArch);
    let servers = ofArch.get(part);
    if (servers === undefined) {
      servers = findServers(part, arch);
      ofArch.set(part, servers);
    }
    return servers;
  }

  function findServers(part: string, arch: string): Servers | null {
    const alternatives = parse(part).filter((one) => isForArch(one, arch));
    if (alternatives.length === 0) return null;
    const lists = alternatives.map((one) => {
      const { own, provided } = satisfaction.positive(one, arch);
      return { name: one.name, found: [...new Set([...own, ...provided])].filter(isCandidate) };
    });
    const listed = [...new Set(lists.flatMap(({ found }) => found))];
    if (listed.length < 2) return { tried: listed, listed: null };
    const sorted = lists.flatMap(({ name, found }) =>
      found.sort((a, b) => compareNewProviders(pool, name, a, b)),
    );
    const tried = [...new Set(sorted)];
    return { tried, listed: listed.every((one, at) => one === tried[at]) ? null : listed };
  }

  function writeNeeds(version: number): void {
    const arch = pool.arch(pool.packageOf(version));
    for (const kind of NEEDS)
      for (const part of partsOf(view.relation(version, kind))) {
        const servers = serversOf(part, arch);
        if (servers === null) continue;
        const { tried, listed } = servers;
        store.push(
          tried.length * 4 + (kind === 'recommends' ? SOFT : 0) + (listed === null ? 0 : TWICE),
        );
        store.pushAll(tried);
        if (listed !== null) store.pushAll(listed);
      }
  }

  function exclusionsOf(version: number): Set<number> {
    const hit = EXCLUSIONS.flatMap((kind) =>
      partsOf(view.relation(version, kind)).flatMap((part) =>
        parse(part).flatMap((one) => {
          const { own, provided } = withoutOwn(pool, version, satisfaction.negative(one));
          return [...own, ...provided];
        }),
      ),
    );
    if (pool.isMultiArch)
      for (const { versions } of siblingsOutOfStep(pool, version)) hit.push(...versions);
    return new Set(hit.filter(isCandidate));
  }

  function write(version: number): number {
    const row = store.length;
    store.push(0);
    store.push(0);
    writeNeeds(version);
    store.cells[row] = store.length;
    store.pushAll([...exclusionsOf(version)]);
    store.cells[row + 1] = store.length;
    rows[version] = row;
    table.cells = store.cells;
    return row;
  }

  function needAt(version: number, cell: number): NeedText {
    const arch = pool.arch(pool.packageOf(version));
    let at = (rows[version] as number) + 2;
    for (const kind of NEEDS)
      for (const part of partsOf(view.relation(version, kind))) {
        if (serversOf(part, arch) === null) continue;
        at += 1 + NeedHead.size(store.cells[at] as number);
        if (cell < at) return { kind, text: part.replace(/\s+/g, ' ') };
      }
    throw new RangeError(`The row of version ${version} has no cell ${cell}.`);
  }

  // A plain member that is set anew: a getter costs too much where it is read for each need.
  const table = {
    rowOf(version: number): number {
      const row = rows[version] as number;
      return row < 0 ? write(version) : row;
    },
    cells: store.cells,
    needAt,
    get bytes() {
      return store.cells.byteLength + rows.byteLength;
    },
  };
  return table;
}

/** The groups of a relation field, as texts. */
function partsOf(text: string): string[] {
  if (text === '') return [];
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** The alternatives of a part of a relation field. */
function parse(part: string): readonly DebAlternative[] {
  return parseDebRelation(part)[0]?.alternatives ?? [];
}
