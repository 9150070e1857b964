import type { Health } from '../../proto/health.ts';
import type {
  Begin,
  JournalEntry,
  JournalStep,
  PackagesBegun,
  Restarting,
  RevisionPoint,
} from './journal-entry.ts';
import type { Operation, Touched } from './operation.ts';
import { type Action, counterpartOf } from './script-order.ts';

/** Something to be taken back: the files of a step, or a script's counterpart. */
export type UndoAction = { step: number; action: Action };

/** A transaction as its journal tells it. */
export interface Written {
  transaction: string;
  from: RevisionPoint | null;
  to: RevisionPoint | null;
  health: Health | null;
  /** Null: packages are not concerned. `begun` is null before the first package was touched. */
  packages: { manager: string; begun: PackagesBegun | null } | null;
  steps: readonly JournalStep[];
  operations: readonly Operation[];
  touched: readonly Touched[];
  /** Operations are written down: what was staged for them may lie about. */
  planned: boolean;
  /** What remains to be taken back of what was begun, the last first. */
  back: readonly UndoAction[];
  /** The steps whose driver was begun with. */
  driven: readonly number[];
  /** So many actions are taken back already. */
  undone: number;
  /** Why the way back was begun; null if it was not. */
  why: { code: string; reason: string } | null;
  /** What was restarted since everything was applied, if anything was. */
  restarted: Restarting | null;
  /** All was taken back once, and the restart after it was asked for. */
  settled: boolean;
}

/** What is to be done with a transaction that was cut off. */
export type Recovery =
  /** There is none. */
  | { kind: 'nothing' }
  /** It was committed: what is left over goes. */
  | { kind: 'finish'; written: Written }
  /** All is taken back. */
  | { kind: 'undo'; written: Written }
  /** All is applied, and the restart that was asked for has not come yet. */
  | { kind: 'restart'; written: Written; of: Restarting }
  /** All is applied and restarted: health decides. */
  | { kind: 'check'; written: Written };

/** Which boot of the machine and which run of the agent this is. */
export interface Moment {
  boot: string;
  run: string;
}

/** So many restarts may pass before health was found; after that all is taken back. */
export const MOST_RESTARTS: Readonly<Record<Restarting, number>> = { machine: 3, agent: 1 };

/**
 * Decides from the journal, whatever its length: finish if the commit is written down, otherwise undo. `canCommit`: the
 * next index is on disk. It is the first thing that goes on the way back, so where it is gone nothing is waited for.
 */
export function recoveryOf(
  entries: readonly JournalEntry[],
  moment: Moment,
  canCommit: boolean,
): Recovery {
  const [begin] = entries;
  if (begin?.entry !== 'begin') return { kind: 'nothing' };
  const written = { ...readWritten(begin, entries), restarted: restartedSince(entries, moment) };
  if (entries.some(({ entry }) => entry === 'commit')) return { kind: 'finish', written };
  if (written.why !== null || !canCommit) return { kind: 'undo', written };
  return restartOf(entries, written, moment) ?? { kind: 'undo', written };
}

/** What was asked to restart and has, whether or not that was noted. */
function restartedSince(entries: readonly JournalEntry[], moment: Moment): Restarting | null {
  const asked = entries.find((line) => line.entry === 'restart');
  if (asked?.entry !== 'restart') return null;
  return asked.id === nowOf(asked.of, moment) ? null : asked.of;
}

const nowOf = (of: Restarting, { boot, run }: Moment): string => (of === 'machine' ? boot : run);

/** What a restart that was asked for means now; null: it was not asked for, or has come in vain. */
function restartOf(
  entries: readonly JournalEntry[],
  written: Written,
  moment: Moment,
): Recovery | null {
  const asked = entries.find((line) => line.entry === 'restart');
  if (asked?.entry !== 'restart') return null;
  const { of, id } = asked;
  const now = nowOf(of, moment);
  const seen = entries.flatMap((line) => (line.entry === 'restarted' ? [line.id] : []));
  if (now === id) return seen.length === 0 ? { kind: 'restart', written, of } : null;
  if (seen.includes(now) || seen.length >= MOST_RESTARTS[of]) return null;
  return { kind: 'check', written };
}

/** The transaction of a journal; null if there is none. */
export function writtenIn(entries: readonly JournalEntry[]): Written | null {
  const [begin] = entries;
  return begin?.entry === 'begin' ? readWritten(begin, entries) : null;
}

/** Whether a transaction that can still be taken back is written down. */
export const isOpen = (entries: readonly JournalEntry[]): boolean =>
  writtenIn(entries) !== null && !entries.some(({ entry }) => entry === 'commit');

function readWritten(begin: Begin, entries: readonly JournalEntry[]): Written {
  const { transaction, from, to, health, manager } = begin;
  const lines = <Name extends JournalEntry['entry']>(name: Name) =>
    entries.filter((line): line is JournalEntry & { entry: Name } => line.entry === name);
  const [packages] = lines('packages');
  const [back] = lines('back');
  const undone = Math.max(0, ...lines('undone').map(({ actions }) => actions));
  return {
    ...{ transaction, from, to, health },
    packages: manager === null ? null : { manager, begun: packages?.begun ?? null },
    steps: lines('steps').flatMap(({ steps }) => steps),
    operations: lines('operations').flatMap(({ operations }) => operations),
    touched: lines('touched').flatMap(({ directories }) => directories),
    planned: lines('planned').length > 0,
    back: undoActions(lines('action')).slice(undone),
    driven: lines('action').flatMap(({ step, action }) => (action.kind === 'driver' ? [step] : [])),
    undone,
    why: back ? { code: back.code, reason: back.reason } : null,
    restarted: lines('restarted').length > 0 ? (lines('restart')[0]?.of ?? null) : null,
    settled: lines('settled').length > 0,
  };
}

/** The counterparts of all actions that were begun, last first. */
const undoActions = (begun: readonly { step: number; action: Action }[]): UndoAction[] =>
  [...begun].reverse().map(({ step, action }) => ({ step, action: counterpartOf(action) }));

/** Whether anything that others see may have been changed. */
export const hasChanged = ({ packages, planned }: Written): boolean =>
  planned || (packages !== null && packages.begun !== null);
