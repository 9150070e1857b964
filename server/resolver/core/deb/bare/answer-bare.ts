import { UNASKED, WANTED } from '../../answer.ts';
import type { AnswerNumbers } from '../../answer-numbers.ts';
import type { PackageReason, ResolvedPackage } from '../../resolution.ts';
import { rootsOf } from '../answer.ts';
import type { Description } from '../description.ts';
import type { Pool } from '../pool.ts';
import type { Satisfaction } from '../satisfy.ts';
import { markedFirst, type Session } from '../session.ts';
import { validateDeb } from '../validate.ts';
import { type AnswerRows, createAnswerRows } from './answer-rows.ts';
import { type BareRun, createMarksShelf, type MarksShelf } from './bare-run.ts';
import { walkBare } from './bare-walk.ts';
import { createNameOrder, type NameOrder } from './name-order.ts';
import { type Reached, reachFrom } from './reached.ts';
import { createRelationTable, type RelationTable } from './relation-table.ts';

/** What answers for bare devices have in common on a view. */
export interface BareTables {
  relations: RelationTable;
  rows: AnswerRows;
  nameOrder: NameOrder;
  /** By version: its place in the answer that was found last. */
  places: Int32Array;
  marks: MarksShelf;
}

/** Empty tables over the versions of a pool that knows of nothing installed. */
export function createBareTables(
  pool: Pool,
  satisfaction: Satisfaction,
  describe: (version: number) => Description,
): BareTables {
  const relations = createRelationTable(pool, satisfaction);
  return {
    relations,
    rows: createAnswerRows(pool, relations, describe),
    nameOrder: createNameOrder(pool.view),
    places: new Int32Array(pool.view.count + 1),
    marks: createMarksShelf(pool.view.count + 1),
  };
}

/**
 * The answer to most requests of a fleet, found fast: apt's choice for a device that has nothing, where no choice has to be
 * taken back. Null: the request or its answer is not as simple as that, and the walk that knows all cases has to answer.
 */
export function answerBare(session: Session): BareAnswer | null {
  const { pool, bare, follow } = session;
  if (bare === null || !isBare(session)) return null;
  const { relations, marks, rows, nameOrder } = bare;
  const run: BareRun = {
    ...{ table: relations, marks: marks.take(), present: [], barred: [], follow },
    seen: { servers: 0, first: 0, holds: false },
  };
  const reached = walkRoots(session, run);
  marks.giveBack(run);
  if (reached === null || validateDeb(pool.view, reached.versions).length > 0) return null;
  const roots = [...rootsOf(session).values()];
  const order = nameOrder(reached.versions);
  return {
    numbers: numbersIn(session, bare, { reached, roots, order }),
    packages: () => order.map((place) => rowAt(rows, reached, roots, place)),
  };
}

/** What stands in the answer, in numbers and as people read it. */
export interface BareAnswer {
  numbers: AnswerNumbers;
  packages(): ResolvedPackage[];
}

interface InOrder {
  reached: Reached;
  roots: readonly PackageReason[];
  /** Places in `reached`, in the order of the answer. */
  order: readonly number[];
}

function numbersIn(
  { pool }: Session,
  { relations, places }: BareTables,
  { reached, roots, order }: InOrder,
): AnswerNumbers {
  const ids = Int32Array.from(order, (place) => reached.versions[place] as number);
  // Places of other answers stand there too, but what needs a package is in the same answer.
  for (let place = 0; place < ids.length; place += 1) places[ids[place] as number] = place;
  const aboveOf = (place: number): number => {
    const root = roots[place];
    if (root !== undefined) return root.kind === 'wanted' ? WANTED : UNASKED;
    const found = places[reached.parents[place] as number] as number;
    return pool.isMultiArch ? firstOfName(pool, ids, found) : found;
  };
  const needs = Int32Array.from(order, (place) => reached.cells[place] as number);
  return {
    ...{ ids, needs, above: Int32Array.from(order, aboveOf) },
    needAt(place) {
      const parent = reached.parents[order[place] as number] as number;
      const { kind, text } = relations.needAt(parent, needs[place] as number);
      return { relationKind: kind, relation: text };
    },
  };
}

/** The first place of the name that stands at a place; equal names stand together. */
function firstOfName({ view }: Pool, ids: Int32Array, place: number): number {
  const name = view.name(ids[place] as number);
  let first = place;
  while (first > 0 && view.name(ids[first - 1] as number) === name) first -= 1;
  return first;
}

/** Nothing is installed, nothing is to go, and no version is decided but those that would be taken anyway. */
function isBare({ pool, request, removals, candidates }: Session): boolean {
  const isPlain = request.prerequisites && request.additions !== false;
  const isAbout = request.installed.length + removals.length + (request.removals?.length ?? 0);
  if (!isPlain || isAbout > 0 || request.upgrade !== 'needed') return false;
  for (const [pkg, version] of candidates) if (pool.candidate(pkg) !== version) return false;
  return true;
}

/** The walk goes over wants in the order of the request; the reasons begin with them in that of the index. */
function walkRoots(session: Session, run: BareRun): Reached | null {
  const { pool } = session;
  if (!walkBare(run, markedFirst(session).map(pool.candidate))) return null;
  return reachFrom(run, [...rootsOf(session).keys()].map(pool.candidate));
}

function rowAt(
  rows: AnswerRows,
  { versions, parents, cells }: Reached,
  roots: readonly PackageReason[],
  place: number,
): ResolvedPackage {
  const version = versions[place] as number;
  const reason = roots[place];
  if (reason !== undefined) return rows.ofRoot(version, reason);
  return rows.ofNeeded(version, parents[place] as number, cells[place] as number);
}
