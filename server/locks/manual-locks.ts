import type { Clock } from '../../proto/clock.ts';
import { digestOf } from '../../proto/digest.ts';
import type { Labels } from '../../proto/labels.ts';
import type { LockCause } from '../../proto/package-views.ts';
import { matches } from '../../proto/selector.ts';
import type { Spec } from '../../proto/spec.ts';
import type { LabelPlan, Pins, SpecEntry } from '../core/model.ts';
import type { SpecPins } from '../core/plan-labelset.ts';
import type { Events } from '../events/events.ts';
import {
  type Choice,
  choiceOf,
  completeChoice,
  countRows,
  extendTable,
  keepUnserved,
  type LockTable,
  type LookUp,
  lookUpIn,
  type Observation,
  pinsOfChoice,
  type SpecLock,
  tableDigest,
  tableKeys,
} from './core/lock-table.ts';
import type { LockHistory } from './lock-history.ts';

/**
 * The locks that decide: those of specs with `updates: manual`, held in memory. A plan asks for what a row says; what a
 * plan finds for devices without a row is written before any device hears of it.
 */
export interface ManualLocks extends SpecPins {
  /** The keys of all locks. */
  keys(): Iterable<string>;
  current(spec: string): SpecLock | undefined;
  choice(digest: string): Choice | undefined;
  /**
   * To be called with the specs as they are before plans are made: a spec that says what it said before has the lock again
   * that it had then. Specs that are gone or take updates by themselves have none.
   */
  follow(specs: readonly SpecEntry[]): Promise<void>;
  /** To be called before `follow` with what a spec chose while it took updates by itself: its lock begins with that. */
  begin(former: SpecEntry, chosen: Pick<NewTable, 'table' | 'choices'>): Promise<void>;
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

export interface NewTable {
  table: LockTable;
  choices: ReadonlyMap<string, Choice>;
  cause: LockCause;
  author: string;
  /** What the event tells beside the numbers. */
  notes?: readonly string[];
}

interface Held {
  lock: SpecLock;
  lookUp: LookUp;
}

export function createManualLocks({
  history,
  clock,
  events,
}: {
  history: LockHistory;
  clock: Clock;
  events: Pick<Events, 'add'>;
}): ManualLocks {
  const documentDigest = createDocumentDigest();
  const held = new Map<string, Held>();
  const choices = new Map<string, Choice>();
  const pins = new Map<string, Pins>();
  /** What manual specs say now. */
  const present = new Map<string, string>();
  let observed = new Map<SpecEntry, Observation[]>();

  /** The pins of a lock's row; they are whole if the spec says what it said when the lock was made. */
  const pinsIn = (one: Held | undefined, labels: Labels, document: string | undefined) => {
    const digest = one?.lookUp(labels);
    const choice = digest === undefined ? undefined : choices.get(digest);
    if (!one || digest === undefined || !choice) return undefined;
    const whole = one.lock.document === document ? one.lock.spec : null;
    const key = `${digest} ${whole}`;
    const known = pins.get(key) ?? pinsOfChoice(choice, whole);
    pins.set(key, known);
    return known;
  };
  const pinsNow = (spec: string, labels: Labels): Pins | undefined =>
    pinsIn(held.get(spec), labels, present.get(spec));

  /** Forgets what no row says any more. */
  const tidy = (): void => {
    const used = new Set(
      [...held.values()].flatMap(({ lock }) =>
        lock.groups.flatMap(({ rows }) => rows.map(({ choice }) => choice)),
      ),
    );
    for (const digest of choices.keys()) if (!used.has(digest)) choices.delete(digest);
    for (const key of pins.keys()) if (!used.has(key.slice(0, key.indexOf(' ')))) pins.delete(key);
  };

  const hold = (lock: SpecLock): void => {
    held.set(lock.spec, { lock, lookUp: lookUpIn(lock) });
  };

  const readChoices = async (lock: SpecLock): Promise<void> => {
    const digests = lock.groups.flatMap(({ rows }) => rows.map(({ choice }) => choice));
    const missing = digests.filter((digest) => !choices.has(digest));
    for (const [digest, choice] of await history.choices(missing)) choices.set(digest, choice);
  };

  const write = async (
    spec: SpecEntry,
    { table, choices: added, cause, author }: NewTable,
  ): Promise<SpecLock> => {
    const lock: SpecLock = {
      ...table,
      spec: spec.id,
      revision: ((await history.latest(spec.id))?.revision ?? 0) + 1,
      specRevision: spec.revision,
      document: documentDigest(spec),
      digest: tableDigest(table),
      at: new Date(clock.now()).toISOString(),
      author,
      cause,
    };
    await history.write([lock], added);
    for (const [digest, choice] of added) choices.set(digest, choice);
    hold(lock);
    return lock;
  };

  const tell = (lock: SpecLock, notes: readonly string[] = []): void =>
    events.add({
      kind: `lock-${lock.cause}`,
      actor: lock.author === 'server' ? 'server' : `token:${lock.author}`,
      subject: lock.spec,
      detail: [`lock ${lock.revision} of revision ${lock.specRevision}`, ...notes].join(': '),
    });

  const returned = async (spec: SpecEntry): Promise<void> => {
    const present = held.get(spec.id)?.lock ?? (await history.latest(spec.id));
    if (!present) return;
    await readChoices(present);
    hold(present);
    const document = documentDigest(spec);
    if (present.document === document) return;
    const former = await history.latestFor(spec.id, document);
    if (!former) return;
    await readChoices(former);
    const { groups } = former;
    tell(
      await write(spec, {
        ...{ table: { groups }, choices: new Map(), cause: 'returned', author: 'server' },
      }),
    );
  };

  /** What the row for labels is to say after a plan that followed it; undefined: what it says. */
  const nextChoice = (spec: SpecEntry, labels: Labels, plan: LabelPlan): Choice | undefined => {
    const former = held.get(spec.id);
    const row = choices.get(former?.lookUp(labels) ?? '');
    const chosen = choiceOf(plan, spec.id);
    if (!row || former?.lock.document !== documentDigest(spec))
      return keepUnserved(plan, chosen, row);
    const completed = completeChoice(row, chosen);
    return completed === row ? undefined : completed;
  };

  return {
    keys: () => new Set([...held.values()].flatMap(({ lock }) => tableKeys(lock))),
    current: (spec) => held.get(spec)?.lock,
    choice: (digest) => choices.get(digest),
    pinsOf: pinsNow,
    pinsWithout: (spec) => ({
      pinsOf: (id, labels) => (id === spec ? undefined : pinsNow(id, labels)),
    }),
    async pinsAfter(changes) {
      const later = new Map<string, Held>();
      const documents = new Map(present);
      for (const [id, spec] of changes) {
        if (spec?.updates !== 'manual') continue;
        const document = documentDigest(spec);
        documents.set(id, document);
        if (held.get(id)?.lock.document === document) continue;
        const former = await history.latestFor(id, document);
        if (!former) continue;
        await readChoices(former);
        later.set(id, { lock: former, lookUp: lookUpIn(former) });
      }
      return {
        keys: () => [...later.values()].flatMap(({ lock }) => tableKeys(lock)),
        pinsOf: (id, labels) => pinsIn(later.get(id) ?? held.get(id), labels, documents.get(id)),
      };
    },
    async follow(specs) {
      const manual = new Map(
        specs.filter(({ updates }) => updates === 'manual').map((spec) => [spec.id, spec]),
      );
      for (const id of held.keys()) if (!manual.has(id)) held.delete(id);
      present.clear();
      for (const spec of manual.values()) present.set(spec.id, documentDigest(spec));
      for (const spec of manual.values()) {
        const lock = held.get(spec.id)?.lock;
        if (lock?.specRevision === spec.revision) continue;
        await returned(spec);
      }
      observed = new Map();
    },
    async begin(former, chosen) {
      if (countRows(chosen.table) === 0) return;
      const latest = await history.latest(former.id);
      if (latest?.digest === tableDigest(chosen.table)) return;
      await write(former, { ...chosen, cause: 'planned', author: 'server' });
    },
    observe(labels, plan, candidates) {
      for (const spec of candidates) {
        if (spec.updates !== 'manual' || !matches(spec.target, labels)) continue;
        const choice = nextChoice(spec, labels, plan);
        if (!choice) continue;
        const digest = digestOf(choice);
        choices.set(digest, choice);
        const list = observed.get(spec) ?? [];
        observed.set(spec, list);
        list.push({ labels, choice: digest });
      }
    },
    async commit(keys) {
      const list = [...observed];
      observed = new Map();
      for (const [spec, found] of list) {
        const former = held.get(spec.id)?.lock;
        const table = extendTable(former, found, [...keys]);
        const isSame = former?.document === documentDigest(spec);
        if (isSame && tableDigest(table) === former?.digest) continue;
        const added = new Map(
          found.flatMap(({ choice }) => {
            const value = choices.get(choice);
            return value ? [[choice, value] as const] : [];
          }),
        );
        tell(await write(spec, { table, choices: added, cause: 'planned', author: 'server' }));
      }
      if (list.length > 0) tidy();
    },
    async replace(spec, made) {
      const lock = await write(spec, made);
      tell(lock, made.notes);
      return lock;
    },
  };
}

/** The same as `documentDigestOf`, worked out once per object. */
export function createDocumentDigest(): (spec: Spec) => string {
  const known = new WeakMap<Spec, string>();
  return (spec) => {
    const found = known.get(spec) ?? documentDigestOf(spec);
    known.set(spec, found);
    return found;
  };
}

/** Of what a spec says, without what the server knows of it. */
export function documentDigestOf(spec: Spec): string {
  return digestOf(documentOf(spec));
}

function documentOf(spec: Spec): object {
  const { kind, revision, updatedAt, author, message, ...document } = spec as Spec &
    Record<string, unknown>;
  return document;
}
