import Type from 'typebox';
import { plainCheck } from '../../proto/check.ts';
import type { Action } from './script-order.ts';

/** What a directory was or shall be. */
export const Attributes = Type.Object({
  mode: Type.Integer(),
  uid: Type.Integer(),
  gid: Type.Integer(),
  modifiedMs: Type.Union([Type.Number(), Type.Null()]),
});
export type Attributes = Type.Static<typeof Attributes>;

/**
 * A change of one path, with all that is needed to take it back or to finish it by a look at the disk. Temporary names
 * are made from the transaction's id and `n` in the directory `stage`.
 *
 * put: what was staged takes the place. drop: what is there goes. make: a directory is made. clear: a directory goes.
 */
export const Operation = Type.Object({
  n: Type.Integer(),
  step: Type.Integer(),
  kind: Type.Union([
    Type.Literal('put'),
    Type.Literal('drop'),
    Type.Literal('make'),
    Type.Literal('clear'),
  ]),
  path: Type.String(),
  stage: Type.String(),
  /** put, drop: something other than a directory was there. */
  replaces: Type.Boolean(),
  /** make: what it shall be. clear: what it was. */
  attributes: Type.Union([Attributes, Type.Null()]),
  /** clear: without it the step cannot go on; otherwise the directory stays if it is not empty. */
  must: Type.Boolean(),
});
export type Operation = Type.Static<typeof Operation>;

/** A directory that existed before and in which something changes. */
export const Touched = Type.Object({
  path: Type.String(),
  before: Attributes,
  /** What it shall be in the end; null where that is not for us to say. */
  after: Type.Union([Attributes, Type.Null()]),
  /** Whether we made it: then mode and owner are put back as well, and not only the time. */
  ours: Type.Boolean(),
});
export type Touched = Type.Static<typeof Touched>;

const JournalStep = Type.Object({
  kind: Type.Union([Type.Literal('install'), Type.Literal('upgrade'), Type.Literal('remove')]),
  name: Type.String(),
  from: Type.Union([Type.String(), Type.Null()]),
  to: Type.Union([Type.String(), Type.Null()]),
  oldVersion: Type.String(),
  newVersion: Type.String(),
});
export type JournalStep = Type.Static<typeof JournalStep>;

const JournalAction = Type.Union([
  Type.Object({ kind: Type.Literal('files') }),
  Type.Object({
    kind: Type.Literal('script'),
    side: Type.Union([Type.Literal('old'), Type.Literal('new')]),
    script: Type.Union([
      Type.Literal('preinst'),
      Type.Literal('postinst'),
      Type.Literal('prerm'),
      Type.Literal('postrm'),
    ]),
  }),
]);

/** A line of the journal. Each is on disk before what it announces is begun. */
export const JournalEntry = Type.Union([
  Type.Object({
    entry: Type.Literal('begin'),
    version: Type.Literal(1),
    transaction: Type.String(),
    steps: Type.Array(JournalStep),
  }),
  Type.Object({ entry: Type.Literal('operations'), operations: Type.Array(Operation) }),
  Type.Object({ entry: Type.Literal('touched'), directories: Type.Array(Touched) }),
  /** All operations are written down; from here on the disk may differ. */
  Type.Object({ entry: Type.Literal('planned') }),
  /** Everything new is on disk, beside its place. */
  Type.Object({ entry: Type.Literal('staged') }),
  Type.Object({
    entry: Type.Literal('action'),
    step: Type.Integer(),
    action: JournalAction,
  }),
  Type.Object({ entry: Type.Literal('commit') }),
  /** So many actions are taken back, the last first. */
  Type.Object({ entry: Type.Literal('undone'), actions: Type.Integer() }),
]);
export type JournalEntry =
  | { entry: 'begin'; version: 1; transaction: string; steps: JournalStep[] }
  | { entry: 'operations'; operations: Operation[] }
  | { entry: 'touched'; directories: Touched[] }
  | { entry: 'planned' }
  | { entry: 'staged' }
  | { entry: 'action'; step: number; action: Action }
  | { entry: 'commit' }
  | { entry: 'undone'; actions: number };

const isEntry = plainCheck(JournalEntry);

/** Whether a value is a line of a packets' journal. */
export const isJournalEntry = (value: unknown): value is JournalEntry => isEntry(value);
