import { type BareRun, Mark } from './bare-run.ts';
import { NeedHead } from './relation-table.ts';

/** The packages of an answer, its roots first, then each behind the one that needs it. Lists go place by place. */
export interface Reached {
  versions: number[];
  /** The version that needs it, 0 for a root. */
  parents: number[];
  /** The cell of the table where it stands in that need, -1 for a root. */
  cells: number[];
}

/**
 * Follows needs from the roots over what is present, nearest first, and Recommends only where needs do not lead on. What
 * is not reached belongs to no answer.
 */
export function reachFrom(run: BareRun, roots: readonly number[]): Reached {
  const reached: Reached = { versions: [], parents: [], cells: [] };
  const soft: Passage[] = [];
  for (const root of roots) reach(run, reached, root, 0, -1);
  let at = 0;
  for (let softAt = 0; ; softAt += 1) {
    for (; at < reached.versions.length; at += 1)
      passNeeds(run, reached, reached.versions[at] as number, soft);
    const next = soft[softAt];
    if (next === undefined) return reached;
    pass(run, reached, next.by, next.from, next.end);
  }
}

/** A Recommends of a package: the cells of its candidates, in the order of the index. */
interface Passage {
  by: number;
  from: number;
  end: number;
}

/** Passes over the needs of a version; its Recommends are put off. */
function passNeeds(run: BareRun, reached: Reached, version: number, soft: Passage[]): void {
  const { table, follow } = run;
  const row = table.rowOf(version);
  const { cells } = table;
  const end = cells[row] as number;
  for (let need = row + 2; need < end; ) {
    const head = cells[need] as number;
    need += 1 + NeedHead.size(head);
    const from = need - NeedHead.count(head);
    if (!NeedHead.isSoft(head)) pass(run, reached, version, from, need);
    else if (follow(version)) soft.push({ by: version, from, end: need });
  }
}

const IS_NEW = Mark.present | Mark.reached;

/** Reaches what is present of the candidates in some cells. */
function pass(run: BareRun, reached: Reached, by: number, from: number, end: number): void {
  const { cells } = run.table;
  for (let cell = from; cell < end; cell += 1) {
    const version = cells[cell] as number;
    const isNew = ((run.marks[version] as number) & IS_NEW) === Mark.present;
    if (isNew) reach(run, reached, version, by, cell);
  }
}

function reach(run: BareRun, to: Reached, version: number, parent: number, cell: number): void {
  run.marks[version] = (run.marks[version] as number) | Mark.reached;
  to.versions.push(version);
  to.parents.push(parent);
  to.cells.push(cell);
}
