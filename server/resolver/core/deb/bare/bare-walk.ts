import { type BareRun, Mark } from './bare-run.ts';
import { NeedHead } from './relation-table.ts';

/** Deeper chains are left to the walk that knows all cases. */
const DEEPEST = 600;

/**
 * apt's walk where nothing is installed and nothing goes wrong: the wants come first, then what they need, depth first. It
 * chooses exactly what `installWithDependencies` would; as soon as it meets what it does not know (a conflict, a need that
 * nothing can serve, so that a choice would have to be taken back) it gives up, and the marks are of no use. False: it gave up.
 */
export function walkBare(run: BareRun, roots: readonly number[]): boolean {
  for (const root of roots) {
    comes(run, root);
    fix(run, root);
  }
  return roots.every((root) => serveFixed(run, root, 0)) && isFreeOfConflicts(run);
}

function comes({ marks, present }: BareRun, version: number): void {
  if (((marks[version] as number) & Mark.present) !== 0) return;
  marks[version] = (marks[version] as number) | Mark.present;
  present.push(version);
}

function fix({ marks }: BareRun, version: number): void {
  marks[version] = (marks[version] as number) | Mark.fixed;
}

/** Brings what a fixed version needs. What nothing but one package can serve is fixed as well. */
function serveFixed(run: BareRun, version: number, depth: number): boolean {
  const { table } = run;
  const row = table.rowOf(version);
  if (depth > DEEPEST || !bar(run, row)) return false;
  const end = table.cells[row] as number;
  for (let at = row + 2; at < end; ) {
    const head = table.cells[at] as number;
    const isSoft = NeedHead.isSoft(head);
    const need = at;
    at += 1 + NeedHead.size(head);
    if (isSoft && !run.follow(version)) continue;
    const { servers } = look(run, need);
    const serve = !isSoft && servers === 1 ? fixServer : bringServer;
    if (!serve(run, isSoft, depth + 1)) return false;
  }
  return true;
}

/** What a fixed version excludes must not come; false if it is there already. */
function bar({ table, marks, barred }: BareRun, row: number): boolean {
  const { cells } = table;
  const end = cells[row + 1] as number;
  for (let at = cells[row] as number; at < end; at += 1) {
    const version = cells[at] as number;
    const mark = marks[version] as number;
    if ((mark & Mark.present) !== 0) return false;
    if (mark === 0) barred.push(version);
    marks[version] = mark | Mark.barred;
  }
  return true;
}

/** Takes a version that is not there yet, and what it needs. */
function bring(run: BareRun, version: number, depth: number): boolean {
  if (depth > DEEPEST) return false;
  comes(run, version);
  const { table } = run;
  const row = table.rowOf(version);
  const end = table.cells[row] as number;
  for (let at = row + 2; at < end; ) {
    const head = table.cells[at] as number;
    const isSoft = NeedHead.isSoft(head);
    const need = at;
    at += 1 + NeedHead.size(head);
    if (isSoft && !run.follow(version)) continue;
    look(run, need);
    if (!bringServer(run, isSoft, depth + 1)) return false;
  }
  return true;
}

/** Looks at the need in a cell: which of its candidates may still come, and whether one is there. */
function look({ table, marks, seen }: BareRun, need: number): BareRun['seen'] {
  const { cells } = table;
  const last = need + NeedHead.count(cells[need] as number);
  seen.servers = 0;
  seen.holds = false;
  for (let cell = need + 1; cell <= last; cell += 1) {
    const mark = marks[cells[cell] as number] as number;
    if ((mark & Mark.barred) !== 0) continue;
    if (seen.servers === 0) seen.first = cells[cell] as number;
    seen.servers += 1;
    if ((mark & Mark.present) !== 0) seen.holds = true;
  }
  return seen;
}

/** Of the need that was looked at, the only server: it comes, if it is not there, and is fixed. */
function fixServer(run: BareRun, _isSoft: boolean, depth: number): boolean {
  const { first } = run.seen;
  if (((run.marks[first] as number) & Mark.fixed) !== 0) return true;
  comes(run, first);
  fix(run, first);
  return serveFixed(run, first, depth);
}

/** Of the need that was looked at, the first server, if the need does not hold; a Recommends may go without. */
function bringServer(run: BareRun, isSoft: boolean, depth: number): boolean {
  const { first, servers, holds } = run.seen;
  if (holds) return true;
  return servers === 0 ? isSoft : bring(run, first, depth);
}

/** Nobody asked what packages that came for themselves exclude. */
function isFreeOfConflicts({ table, marks, present }: BareRun): boolean {
  for (let place = 0; place < present.length; place += 1) {
    const row = table.rowOf(present[place] as number);
    const { cells } = table;
    const end = cells[row + 1] as number;
    for (let at = cells[row] as number; at < end; at += 1)
      if (((marks[cells[at] as number] as number) & Mark.present) !== 0) return false;
  }
  return true;
}
