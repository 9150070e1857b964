import Type from 'typebox';
import { plainCheck } from '../../proto/check.ts';
import { Point } from '../../proto/desired.ts';
import { PackagePolicy } from '../../proto/desired-source.ts';
import { DevicePolicy } from '../../proto/device-policy.ts';
import type { Health } from '../../proto/health.ts';
import { InstalledPackage } from '../../proto/lock.ts';
import { Operation, Touched } from './operation.ts';
import type { Action } from './script-order.ts';

/** A desired state by its place and its content. */
const RevisionPoint = Type.Object({ ...Point.properties, digest: Type.String() });
export interface RevisionPoint {
  epoch: string;
  revision: number;
  digest: string;
}

const TextOrNull = Type.Union([Type.String(), Type.Null()]);

/** One packet's part of a transaction. `driver`: it is not files, another program installs it. */
const JournalStep = Type.Object({
  kind: Type.Union([Type.Literal('install'), Type.Literal('upgrade'), Type.Literal('remove')]),
  name: Type.String(),
  from: TextOrNull,
  to: TextOrNull,
  oldVersion: Type.String(),
  newVersion: Type.String(),
  driver: TextOrNull,
  /** How long its scripts may run, in ms; null: as the agent's configuration says. */
  timeoutMs: Type.Union([Type.Integer(), Type.Null()]),
});
export type JournalStep = Type.Static<typeof JournalStep>;

const JournalAction = Type.Union([
  Type.Object({ kind: Type.Literal('files') }),
  Type.Object({ kind: Type.Literal('driver') }),
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

/** What is to be known of packages before the first of them is touched. */
const PackagesBegun = Type.Object({
  /** The digest of a lock in the state directory, of the one that the desired state names, and of its sources. */
  lock: Type.String(),
  asked: TextOrNull,
  sources: Type.String(),
  policy: PackagePolicy,
  /** Names that jamesd installed before. */
  managed: Type.Array(Type.String()),
  /** What there was. */
  before: Type.Array(InstalledPackage),
});
export type PackagesBegun = Type.Static<typeof PackagesBegun>;

/** What restarts: the whole machine, or the agent because its own program was replaced. */
const Restarting = Type.Union([Type.Literal('machine'), Type.Literal('agent')]);
export type Restarting = Type.Static<typeof Restarting>;

/** The version of the journal that is written. */
export const JOURNAL_VERSION = 2;

/**
 * A line of the journal of the one transaction that is under way, its packages and its packets. Each is on disk before
 * what it announces is begun.
 */
export const JournalEntry = Type.Union([
  /** `manager` is the package manager whose source files will be written; null: packages are not concerned. */
  Type.Object({
    entry: Type.Literal('begin'),
    version: Type.Literal(JOURNAL_VERSION),
    transaction: Type.String(),
    from: Type.Union([RevisionPoint, Type.Null()]),
    to: Type.Union([RevisionPoint, Type.Null()]),
    manager: TextOrNull,
    health: Type.Union([DevicePolicy.properties.health, Type.Null()]),
  }),
  /** Packages will be installed. */
  Type.Object({ entry: Type.Literal('packages'), begun: PackagesBegun }),
  Type.Object({ entry: Type.Literal('steps'), steps: Type.Array(JournalStep) }),
  Type.Object({ entry: Type.Literal('operations'), operations: Type.Array(Operation) }),
  Type.Object({ entry: Type.Literal('touched'), directories: Type.Array(Touched) }),
  /** All operations are written down; from here on the disk may differ. */
  Type.Object({ entry: Type.Literal('planned') }),
  /** Everything new is on disk, beside its place. */
  Type.Object({ entry: Type.Literal('staged') }),
  Type.Object({ entry: Type.Literal('action'), step: Type.Integer(), action: JournalAction }),
  /** All is applied. `id`: of the boot or of the agent's run that is to end. */
  Type.Object({ entry: Type.Literal('restart'), of: Restarting, id: Type.String() }),
  /** The next one has begun; what was applied is looked at now. */
  Type.Object({ entry: Type.Literal('restarted'), id: Type.String() }),
  Type.Object({ entry: Type.Literal('commit') }),
  /** All is taken back, because of this. */
  Type.Object({ entry: Type.Literal('back'), code: Type.String(), reason: Type.String() }),
  /** So many actions are taken back, the last first. */
  Type.Object({ entry: Type.Literal('undone'), actions: Type.Integer() }),
  /** All is taken back, and the machine restarts once more; why it went back is told after that. */
  Type.Object({ entry: Type.Literal('settled') }),
]);
export type JournalEntry =
  | Begin
  | { entry: 'packages'; begun: PackagesBegun }
  | { entry: 'steps'; steps: JournalStep[] }
  | { entry: 'operations'; operations: Operation[] }
  | { entry: 'touched'; directories: Touched[] }
  | { entry: 'planned' }
  | { entry: 'staged' }
  | { entry: 'action'; step: number; action: Action }
  | { entry: 'restart'; of: Restarting; id: string }
  | { entry: 'restarted'; id: string }
  | { entry: 'commit' }
  | { entry: 'back'; code: string; reason: string }
  | { entry: 'undone'; actions: number }
  | { entry: 'settled' };

export interface Begin {
  entry: 'begin';
  version: typeof JOURNAL_VERSION;
  transaction: string;
  from: RevisionPoint | null;
  to: RevisionPoint | null;
  manager: string | null;
  health: Health | null;
}

const isEntry = plainCheck(JournalEntry);

/** Whether a value is a line of the journal. */
export const isJournalEntry = (value: unknown): value is JournalEntry => isEntry(value);
