import type { Clock } from '../../proto/clock.ts';
import type { Labels } from '../../proto/labels.ts';
import type { LockCause } from '../../proto/package-views.ts';
import type { Spec } from '../../proto/spec.ts';
import { isBound, type LabelPlan, type SpecEntry } from '../core/model.ts';
import type { SpecPins } from '../core/plan-labelset.ts';
import type { Events } from '../events/events.ts';
import { nativeDigestOf } from '../system/native-digest.ts';
import {
  type Choice,
  countRows,
  extendTable,
  type LockTable,
  lookUpIn,
  type SpecLock,
  tableKeys,
} from './core/lock-table.ts';
import { createDocumentDigest } from './document-digest.ts';
import type { LockHistory } from './lock-history.ts';
import { createLockRows, type HeldLock } from './lock-rows.ts';
import { createLockWriting } from './lock-writing.ts';
import { createObservations } from './observations.ts';
import { tableDigest } from './table-digest.ts';

/**
 * The locks that decide, held in memory: those of specs with `updates: manual`, and of specs whose renewal is held. A plan
 * asks for what a row says; what a plan finds for devices without a row is written before any device hears of it.
 */
export interface BindingLocks extends SpecPins {
  /** The keys of all locks. */
  keys(): Iterable<string>;
  current(spec: string): SpecLock | undefined;
  /**
   * To be called with the specs as they are before plans are made: a spec that says what it said before has the lock again
   * that it had then. Specs that are gone or take updates by themselves have none.
   */
  follow(specs: readonly SpecEntry[]): Promise<void>;
  /** To be called before `follow` with what a spec chose while it took updates by itself: its lock begins with that. */
  begin(former: SpecEntry, chosen: Chosen): Promise<void>;
  /**
   * The same with a spec whose renewal is held from now on, so that its devices keep what they were given. What the newest
   * lock says for devices that are away stays. A lock is written in any case.
   */
  hold(spec: SpecEntry, given: Given): Promise<void>;
  /** The pins as they will be when a spec says something else: those of the lock that it returns to, if any. */
  pinsAfter(
    changes: ReadonlyMap<string, Spec | null>,
  ): Promise<SpecPins & { keys(): Iterable<string> }>;
  /** The same with a spec that decides nothing. */
  pinsWithout(spec: string): SpecPins;
  /** What a plan found for labels that are reduced to all keys that count; of the candidates those that apply are noted. */
  observe(labels: Labels, plan: LabelPlan, candidates: readonly SpecEntry[]): void;
  /** Writes what was observed; `keys` count now. */
  commit(keys: Iterable<string>): Promise<void>;
  /** Puts a table in place of the present one. */
  replace(spec: SpecEntry, made: NewTable): Promise<SpecLock>;
}

/** A table with what its rows chose. */
export interface Chosen {
  table: LockTable;
  choices: ReadonlyMap<string, Choice>;
}

/** What devices were given, by their labels reduced to `keys`. */
export interface Given {
  keys: Iterable<string>;
  rows: readonly { labels: Labels; choice: Choice }[];
}

export interface NewTable extends Chosen {
  cause: LockCause;
  author: string;
  /** What the event tells beside the numbers. */
  notes?: readonly string[];
}

export function createBindingLocks({
  history,
  clock,
  events,
}: {
  history: LockHistory;
  clock: Clock;
  events: Pick<Events, 'add'>;
}): BindingLocks {
  const documentDigest = createDocumentDigest();
  const rows = createLockRows(history);
  const writing = createLockWriting({ history, clock, events, documentDigest, rows });
  const { write, tell } = writing;
  const observations = createObservations({ rows, writing, documentDigest });
  /** What bound specs say now. */
  const present = new Map<string, string>();

  const pinsNow: SpecPins['pinsOf'] = (spec, labels) =>
    rows.pinsIn(rows.get(spec), labels, present.get(spec));

  const returned = async (spec: SpecEntry): Promise<void> => {
    const newest = rows.get(spec.id)?.lock ?? (await history.latest(spec.id));
    if (!newest) return;
    await rows.read(newest);
    rows.hold(newest);
    const document = documentDigest(spec);
    if (newest.document === document) return;
    const former = await history.latestFor(spec.id, document);
    if (!former) return;
    await rows.read(former);
    const table = { groups: former.groups };
    tell(await write(spec, { table, choices: new Map(), cause: 'returned', author: 'server' }));
  };

  return {
    keys: () => new Set([...rows.all()].flatMap(({ lock }) => tableKeys(lock))),
    current: (spec) => rows.get(spec)?.lock,
    pinsOf: pinsNow,
    pinsWithout: (spec) => ({
      pinsOf: (id, labels) => (id === spec ? undefined : pinsNow(id, labels)),
    }),
    async pinsAfter(changes) {
      const later = new Map<string, HeldLock>();
      const documents = new Map(present);
      for (const [id, spec] of changes) {
        if (spec?.updates !== 'manual') continue;
        const document = documentDigest(spec);
        documents.set(id, document);
        if (rows.get(id)?.lock.document === document) continue;
        const former = await history.latestFor(id, document);
        if (!former) continue;
        await rows.read(former);
        later.set(id, { lock: former, lookUp: lookUpIn(former) });
      }
      return {
        keys: () => [...later.values()].flatMap(({ lock }) => tableKeys(lock)),
        pinsOf: (id, labels) =>
          rows.pinsIn(later.get(id) ?? rows.get(id), labels, documents.get(id)),
      };
    },
    async follow(specs) {
      const bound = new Map(specs.filter(isBound).map((spec) => [spec.id, spec]));
      rows.keepOnly(new Set(bound.keys()));
      present.clear();
      for (const spec of bound.values()) present.set(spec.id, documentDigest(spec));
      for (const spec of bound.values())
        if (rows.get(spec.id)?.lock.specRevision !== spec.revision) await returned(spec);
      observations.clear();
    },
    async begin(former, chosen) {
      if (countRows(chosen.table) === 0) return;
      const latest = await history.latest(former.id);
      if (latest?.digest === tableDigest(chosen.table)) return;
      await write(former, { ...chosen, cause: 'planned', author: 'server' });
    },
    async hold(spec, given) {
      const choices = new Map<string, Choice>();
      const found = given.rows.map(({ labels, choice }) => {
        const digest = nativeDigestOf(choice);
        choices.set(digest, choice);
        return { labels, choice: digest };
      });
      const latest = await history.latest(spec.id);
      if (latest) await rows.read(latest);
      const table = extendTable(latest, found, [...given.keys]);
      await write(spec, { table, choices, cause: 'held', author: 'server' });
    },
    observe: observations.observe,
    commit: observations.commit,
    async replace(spec, made) {
      const lock = await write(spec, made);
      tell(lock, made.notes);
      return lock;
    },
  };
}
