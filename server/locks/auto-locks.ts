import type { Clock } from '../../proto/clock.ts';
import type { Log } from '../../proto/log.ts';
import { isBound, type SpecEntry } from '../core/model.ts';
import type { Events } from '../events/events.ts';
import { nativeDigestOf } from '../system/native-digest.ts';
import {
  type Choice,
  countRows,
  type LockRow,
  lookUpIn,
  type SpecLock,
  tableOf,
} from './core/lock-table.ts';
import { createDocumentDigest } from './document-digest.ts';
import type { LockHistory } from './lock-history.ts';
import { tableDigest } from './table-digest.ts';

/** What a spec chose for one labelset, as it stands. */
export interface Chosen {
  spec: string;
  labels: LockRow['labels'];
  choice: Choice;
}

/**
 * Writes down the locks of specs that take updates by themselves, and may, in the background: nothing waits for them. Marks that
 * come close together make one lock.
 */
export interface AutoLocks {
  /** Specs whose devices were planned anew. */
  mark(specs: Iterable<string>): void;
  /** Writes what is marked now; resolves when it is durable. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

/** What comes within this time makes one lock, in ms. */
const GATHER_MS = 10_000;
/** Choices are written when they have come to about so many packages and packets. */
const BATCH_WEIGHT = 20_000;

/** Old locks go at the first run and then so often. */
const RUNS_BETWEEN_PRUNES = 200;

/** `chosen` gives what specs chose for their labelsets now, `keys` the label keys that count. */
export function createAutoLocks({
  history,
  specOf,
  chosen,
  keys,
  clock,
  events,
  log,
}: {
  history: LockHistory;
  specOf: (id: string) => SpecEntry | undefined;
  chosen: (specs: readonly SpecEntry[]) => AsyncIterable<Chosen>;
  keys: () => Iterable<string>;
  clock: Clock;
  events: Pick<Events, 'add'>;
  log: Log;
}): AutoLocks {
  const documentDigest = createDocumentDigest();
  let marked = new Set<string>();
  let armed: (() => void) | null = null;
  let last: Promise<void> = Promise.resolve();
  let stopped = false;
  let runs = 0;

  /** The rows of specs; choices that a former lock does not have are written on the way. */
  const rowsOf = async (specs: readonly SpecEntry[], known: ReadonlySet<string>) => {
    const rows = new Map<string, LockRow[]>(specs.map(({ id }) => [id, []]));
    const written = new Set(known);
    let waiting = new Map<string, Choice>();
    let weight = 0;
    for await (const { spec, labels, choice } of chosen(specs)) {
      const digest = nativeDigestOf(choice);
      rows.get(spec)?.push({ labels, choice: digest });
      if (written.has(digest)) continue;
      written.add(digest);
      waiting.set(digest, choice);
      weight += Object.keys(choice.packages).length + Object.keys(choice.packets).length + 1;
      if (weight < BATCH_WEIGHT) continue;
      await history.write([], waiting);
      waiting = new Map();
      weight = 0;
    }
    await history.write([], waiting);
    return rows;
  };

  const renew = async (
    spec: SpecEntry,
    former: SpecLock | undefined,
    rows: readonly LockRow[],
  ): Promise<void> => {
    const table = tableOf(keys(), rows);
    const digest = tableDigest(table);
    if (countRows(table) === 0) return;
    if (former?.digest === digest && former.specRevision === spec.revision) return;
    const known = former ? lookUpIn(former) : () => undefined;
    const changes = (row: LockRow): boolean => (known(row.labels) ?? row.choice) !== row.choice;
    const renewed = former?.specRevision === spec.revision && rows.some(changes);
    const lock: SpecLock = {
      ...table,
      ...{ spec: spec.id, revision: (former?.revision ?? 0) + 1, specRevision: spec.revision },
      ...{ document: documentDigest(spec), digest, at: new Date(clock.now()).toISOString() },
      ...{ author: 'server', cause: renewed ? 'renewed' : 'planned' },
    };
    await history.write([lock], new Map());
    if (renewed)
      events.add({
        ...{ kind: 'lock-renewed', actor: 'server', subject: spec.id },
        detail: `lock ${lock.revision} of revision ${spec.revision}`,
      });
  };

  const renewAll = async (ids: readonly string[]): Promise<void> => {
    const specs = ids.flatMap((id) => specOf(id) ?? []).filter(isAuto);
    const former = new Map<string, SpecLock>();
    for (const { id } of specs) {
      const lock = await history.latest(id);
      if (lock) former.set(id, lock);
    }
    const known = [...former.values()].flatMap(({ groups }) =>
      groups.flatMap(({ rows }) => rows.map(({ choice }) => choice)),
    );
    const rows = await rowsOf(specs, new Set(known));
    for (const spec of specs)
      if (!stopped && specOf(spec.id) === spec)
        await renew(spec, former.get(spec.id), rows.get(spec.id) ?? []);
  };

  const work = async (): Promise<void> => {
    const ids = [...marked].sort();
    marked = new Set();
    if (ids.length === 0 || stopped) return;
    const tidies = runs % RUNS_BETWEEN_PRUNES === 0;
    runs += 1;
    const renewed = renewAll(ids).then(() => (tidies && !stopped ? history.prune() : undefined));
    await renewed.catch((error) => {
      if (!stopped)
        log.error({ err: error }, 'Locks of specs were not written; devices have what they say.');
    });
  };

  const flush = (): Promise<void> => {
    armed?.();
    armed = null;
    last = last.then(work);
    return last;
  };

  return {
    mark(ids) {
      for (const id of ids) marked.add(id);
      if (marked.size === 0 || armed || stopped) return;
      armed = clock.after(GATHER_MS, () => void flush());
    },
    flush,
    async stop() {
      stopped = true;
      armed?.();
      armed = null;
      await last;
    },
  };
}

const isAuto = (spec: SpecEntry): boolean => !isBound(spec);
