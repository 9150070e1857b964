import type { JournalEntry, JournalStep, Operation, Touched } from './journal-entry.ts';
import { type Action, counterpartOf } from './script-order.ts';

/** A transaction as its journal tells it. */
export interface Written {
  transaction: string;
  steps: readonly JournalStep[];
  operations: readonly Operation[];
  touched: readonly Touched[];
  /** Everything new was on disk: operations may have been done. */
  staged: boolean;
}

/** Something to be taken back: the files of a step, or a script's counterpart. */
export type UndoAction = { step: number; action: Action };

/** What is to be done with a transaction that was cut off. */
export type Recovery =
  /** There is none. */
  | { kind: 'nothing' }
  /** Nothing was changed yet. */
  | { kind: 'forget'; transaction: string }
  /** It was committed: what is left over goes. */
  | { kind: 'finish'; written: Written }
  /** Take these back, in this order, then remove what was staged. */
  | { kind: 'undo'; written: Written; actions: readonly UndoAction[] };

/** Decides from the journal, whatever its length: finish if the commit is written down, otherwise undo. */
export function recoveryOf(entries: readonly JournalEntry[]): Recovery {
  const [begin] = entries;
  if (begin?.entry !== 'begin') return { kind: 'nothing' };
  const written = readWritten(begin, entries);
  if (entries.some(({ entry }) => entry === 'commit')) return { kind: 'finish', written };
  if (!entries.some(({ entry }) => entry === 'planned'))
    return { kind: 'forget', transaction: begin.transaction };
  return { kind: 'undo', written, actions: undoActions(entries) };
}

function readWritten(
  begin: JournalEntry & { entry: 'begin' },
  entries: readonly JournalEntry[],
): Written {
  return {
    transaction: begin.transaction,
    steps: begin.steps,
    operations: entries.flatMap((line) => (line.entry === 'operations' ? line.operations : [])),
    touched: entries.flatMap((line) => (line.entry === 'touched' ? line.directories : [])),
    staged: entries.some(({ entry }) => entry === 'staged'),
  };
}

/** The counterparts of all actions that were begun, last first, without those that are done already. */
function undoActions(entries: readonly JournalEntry[]): UndoAction[] {
  const begun: UndoAction[] = [];
  let done = 0;
  for (const line of entries) {
    if (line.entry === 'action') begun.push({ step: line.step, action: line.action });
    if (line.entry === 'undone') done = Math.max(done, line.actions);
  }
  return begun
    .reverse()
    .slice(done)
    .map(({ step, action }) => ({ step, action: counterpartOf(action) }));
}
