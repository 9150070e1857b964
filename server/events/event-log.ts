import type { EventView } from '../../proto/api.ts';
import type { Clock } from '../../proto/clock.ts';
import type { Log } from '../../proto/log.ts';
import { keys, lastPart, prefixes } from '../store/keys.ts';
import { prefixRange, type Store } from '../store/store.ts';
import type { EventPage, EventQuery, Events } from './events.ts';
import { pruneEvents } from './prune-events.ts';

export interface EventLogOptions {
  store: Store;
  clock: Clock;
  log: Log;
  /** Older events are removed; 30 days by default. */
  maxAgeMs?: number;
  /** Events above this number are removed, oldest first; 5 million by default. */
  maxCount?: number;
}

export interface EventLog extends Events {
  start(): Promise<void>;
  /** Writes what is waiting. */
  stop(): Promise<void>;
  /** Writes what is waiting now. */
  flush(): Promise<void>;
  /** Removes what is too old or too many. */
  prune(): Promise<number>;
}

const FLUSH_MS = 100;
const FLUSH_COUNT = 256;
/** Events that wait at most, when the disk takes none; the oldest are given up first. */
const MAX_WAITING = 10_000;
/** Events that one page looks at at most, when few fit its filter. */
const MAX_SCANNED = 20_000;
const PRUNE_MS = 3_600_000;

/** Events in the store, written in batches shortly after they happened. */
export function createEventLog(options: EventLogOptions): EventLog {
  const { store, clock, log } = options;
  let waiting: EventView[] = [];
  let next = 1;
  let cancelFlush: (() => void) | null = null;
  let cancelPrune: () => void = () => undefined;
  let writing: Promise<void> = Promise.resolve();
  /** A write waits its turn; it takes all that waits by then. */
  let queued = false;

  async function write(): Promise<void> {
    const events = waiting;
    if (events.length === 0) return;
    waiting = [];
    try {
      await store.batch(
        events.map((event) => ({ put: keys.event(event.seq), value: JSON.stringify(event) })),
      );
    } catch (error) {
      waiting = [...events, ...waiting].slice(-MAX_WAITING);
      log.warn({ err: error, events: waiting.length }, 'Events could not be written yet.');
      schedule();
    }
  }

  function flush(): Promise<void> {
    cancelFlush?.();
    cancelFlush = null;
    if (queued) return writing;
    queued = true;
    writing = writing.then(() => {
      queued = false;
      return write();
    });
    return writing;
  }

  function schedule(): void {
    cancelFlush ??= clock.after(FLUSH_MS, () => void flush());
  }

  function prune(): Promise<number> {
    const { maxAgeMs = 30 * 86_400_000, maxCount = 5_000_000 } = options;
    const olderThan = new Date(clock.now() - maxAgeMs).toISOString();
    return pruneEvents(store, { olderThan, below: next - maxCount });
  }

  function pruneRegularly(): void {
    cancelPrune = clock.after(PRUNE_MS, () => {
      prune()
        .catch((error) => log.warn({ err: error }, 'Old events could not be removed.'))
        .finally(pruneRegularly);
    });
  }

  return {
    add({ kind, actor, subject, detail = null }) {
      const at = new Date(clock.now()).toISOString();
      waiting.push({ seq: next, at, kind, actor, subject, detail });
      next += 1;
      if (waiting.length >= 2 * MAX_WAITING) waiting = waiting.slice(-MAX_WAITING);
      if (waiting.length === FLUSH_COUNT) void flush();
      else schedule();
    },
    async list(query) {
      await flush();
      return readPage(store, query);
    },
    flush,
    prune,
    async start() {
      const newest = { ...prefixRange(prefixes.event), reverse: true, limit: 1 };
      for await (const entry of store.range(newest)) next = Number(lastPart(entry.key)) + 1;
      pruneRegularly();
    },
    async stop() {
      cancelPrune();
      await flush();
      cancelFlush?.();
    },
  };
}

async function readPage(store: Store, query: EventQuery): Promise<EventPage> {
  const { before = Number.MAX_SAFE_INTEGER / 10, limit, subject, kind } = query;
  const items: EventView[] = [];
  let scanned = 0;
  const range = { gte: prefixes.event, lt: keys.event(Math.floor(before)), reverse: true };
  for await (const entry of store.range(range)) {
    const event = JSON.parse(entry.value) as EventView;
    const fits = (!subject || event.subject === subject) && (!kind || event.kind === kind);
    if (fits) items.push(event);
    scanned += 1;
    if (items.length >= limit || scanned >= MAX_SCANNED) return { items, next: event.seq };
  }
  return { items, next: null };
}
