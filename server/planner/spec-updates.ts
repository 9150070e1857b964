import { JamesError } from '../../proto/errors.ts';
import type {
  RenewalHold,
  SpecLockDiff,
  SpecLockEntry,
  SpecLockView,
  SpecUpdateRow,
  SpecUpdatesView,
} from '../../proto/package-views.ts';
import type { LabelPlan, Pins, SpecEntry } from '../core/model.ts';
import { isUnchanged } from '../core/package-change.ts';
import { problemsOf, type SpecPins } from '../core/plan-labelset.ts';
import { refuseUnconfirmed } from '../documents/guard.ts';
import type { BindingLocks, NewTable } from '../locks/binding-locks.ts';
import { type Choice, choiceOf } from '../locks/core/lock-table.ts';
import type { LockHistory } from '../locks/lock-history.ts';
import type { Packets } from '../packets/packets.ts';
import { packageChanges, packetChanges } from './choice-changes.ts';
import { proposeEarlier } from './earlier-lock.ts';
import type { Fleet } from './fleet.ts';
import { proposeFresh } from './fresh-lock.ts';
import type { ImpactOf } from './impact.ts';
import { diffLocks } from './lock-diff.ts';
import { countDevices, lockView, noLock } from './lock-view.ts';

/** The lock of a spec, what a fresh plan would choose otherwise, and the way back to an earlier lock. */
export interface SpecUpdates {
  /** The newest lock, or one of the history. Throws `not-found`. */
  lock(id: string, revision?: number): Promise<SpecLockView>;
  /** Newest first, below `before` (exclusive); none if there never was one. */
  history(id: string, page: { before?: number; limit: number }): Promise<SpecLockEntry[]>;
  /** What lock `to` (the newest) chose otherwise than lock `from` (the one before `to`). Throws `not-found`. */
  diff(id: string, locks: { from?: number; to?: number }): Promise<SpecLockDiff>;
  /** Throws `not-found`. Nothing is written. */
  updates(id: string): Promise<SpecUpdatesView>;
  /**
   * Takes the update: the fresh plan becomes the lock, or what the earlier lock `by.lock` chose. Throws `not-found`,
   * `nothing-to-promote`, `removals-unconfirmed`, and `conflict` if spec or lock change meanwhile.
   */
  promote(id: string, by: Promotion): Promise<SpecUpdatesView>;
}

export interface Promotion {
  author: string;
  /** Why; told with the event. */
  message?: string | null;
  confirmRemovals?: number | undefined;
  /** The revision of an earlier lock. */
  lock?: number | undefined;
}

/** What could take the place of a spec's lock, and what that does. */
export interface Proposal {
  view: Omit<SpecUpdatesView, 'held'>;
  made: Pick<NewTable, 'table' | 'choices'>;
}

/** What plans that follow other pins do for the devices of a spec, where other label keys count. */
export type CompareLocks = (
  spec: SpecEntry,
  pins: SpecPins,
  visit: (labels: SpecUpdateRow['labels'], after: LabelPlan) => void,
  keys?: Iterable<string>,
) => Promise<Pick<SpecUpdatesView, 'rows' | 'impact'>>;

/** What proposals are made of. */
export interface ProposalParts {
  fleet: Pick<Fleet, 'keys'>;
  history: LockHistory;
  locks: BindingLocks;
  compare: CompareLocks;
}

export function createSpecUpdates(parts: {
  fleet: Fleet;
  specOf: (id: string) => SpecEntry | undefined;
  packets: Packets;
  history: LockHistory;
  locks: BindingLocks;
  impact: ImpactOf;
  devices: () => number;
  removalPercent: number;
  /** Resolves when the newest lock is written. */
  written: () => Promise<void>;
  /** If the renewal of the spec is held. */
  holdOf: (spec: string) => RenewalHold | undefined;
}): SpecUpdates {
  const { fleet, packets, history, locks } = parts;

  const specNow = (id: string): SpecEntry => {
    const spec = parts.specOf(id);
    if (!spec) throw new JamesError('not-found', `There is no spec ${id}.`);
    return spec;
  };

  const compare: CompareLocks = async (spec, pins, visit, keys = []) => {
    const rows: SpecUpdateRow[] = [];
    const impact = await parts.impact.locks(
      { target: spec.target, locks: pins, keys, ...(spec.held && { released: spec.id }) },
      (cell, before, after) => {
        visit(cell.labels, after);
        const old = withRow(choiceOf(before, spec.id), before, locks.pinsOf(spec.id, cell.labels));
        const next = choiceOf(after, spec.id);
        const row = {
          ...{ labels: cell.labels, devices: [...cell.members].length },
          ...{ packets: packetChanges(old, next, packets), packages: packageChanges(old, next) },
          problems: problemsOf(after),
        };
        if (row.packets.length > 0 || !isUnchanged(row.packages)) rows.push(row);
      },
    );
    return { rows, impact };
  };
  const withHold = (view: Proposal['view']): SpecUpdatesView => ({
    ...view,
    held: parts.holdOf(view.spec) ?? null,
  });
  const proposals: ProposalParts = { fleet, history, locks, compare };

  return {
    async lock(id, revision) {
      await parts.written();
      const found = revision === undefined ? history.latest(id) : history.lock(id, revision);
      const lock = await found;
      const spec = parts.specOf(id);
      if (!lock) {
        if (revision !== undefined)
          throw new JamesError('not-found', `Spec ${id} has no lock ${revision}.`);
        return noLock(specNow(id));
      }
      const all = lock.groups.flatMap(({ rows }) => rows.map(({ choice }) => choice));
      const choices = await history.choices(all);
      return lockView(lock, { choices, packets, spec, devices: countDevices(fleet, spec, lock) });
    },
    async history(id, page) {
      await parts.written();
      return history.entries(id, page);
    },
    async diff(id, revisions) {
      await parts.written();
      return diffLocks(id, revisions, { fleet, packets, history, spec: parts.specOf(id) });
    },
    async updates(id) {
      await parts.written();
      return withHold((await proposeFresh(specNow(id), proposals)).view);
    },
    async promote(id, by) {
      const spec = specNow(id);
      if (!spec.held || by.lock !== undefined) refuseAuto(spec);
      const before = locks.current(id);
      const { view, made } = await (by.lock === undefined
        ? proposeFresh(spec, proposals)
        : proposeEarlier(spec, by.lock, proposals));
      if (view.proposed === view.lock && !spec.held) throw nothingNew(id, by.lock);
      refuseUnconfirmed(view.impact, {
        ...{ devices: parts.devices(), percent: parts.removalPercent },
        confirmed: by.confirmRemovals,
      });
      if (parts.specOf(id) !== spec || locks.current(id) !== before)
        throw new JamesError('conflict', `Spec ${id} or its lock changed meanwhile; try again.`);
      await locks.replace(spec, { ...made, ...causeOf(by) });
      return withHold(view);
    },
  };
}

/** A choice with what devices keep of the row, where a plan that follows it cannot serve all. */
function withRow(choice: Choice, plan: LabelPlan, pins: Pins | undefined): Choice {
  if (!plan.packages || plan.packages.problems.length === 0 || !pins) return choice;
  const kept = [...pins.rows.values()].flatMap((row) => Object.entries(row));
  return { ...choice, packages: { ...Object.fromEntries(kept), ...choice.packages } };
}

function refuseAuto({ id, updates }: SpecEntry): void {
  if (updates === 'manual') return;
  throw new JamesError(
    'nothing-to-promote',
    `Spec ${id} takes updates by itself (updates: auto). Say updates: manual in it first; then any of its locks can be taken.`,
  );
}

function nothingNew(id: string, lock: number | undefined): JamesError {
  return new JamesError(
    'nothing-to-promote',
    lock === undefined
      ? `Spec ${id} has no proposed update.`
      : `What lock ${lock} chose is what spec ${id} has; its history lists the other locks.`,
  );
}

function causeOf({ author, message, lock }: Promotion): Omit<NewTable, 'table' | 'choices'> {
  const why = message ? [message] : [];
  if (lock === undefined) return { author, cause: 'promoted', notes: why };
  return { author, cause: 'returned', notes: [`what lock ${lock} chose`, ...why] };
}
