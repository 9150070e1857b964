import { join } from 'node:path';
import Type from 'typebox';
import { plainCheck } from '../../proto/check.ts';
import type { Clock } from '../../proto/clock.ts';
import type { Log } from '../../proto/log.ts';
import { jsonBytes, readJsonFile, replaceFile } from '../state-file.ts';
import type { Files } from '../system/files.ts';

/** Since when a desired state could be applied and is held back, over restarts; of one desired state at a time. */
export interface Waiting {
  /** Since when this desired state waits; null: it does not. Times are of the wall clock, in ms. */
  since(digest: string): Promise<number | null>;
  /** It waits from now on, unless it does already; gives since when. */
  begin(digest: string): Promise<number>;
  /**
   * Why this point was given up; null: it was not. The same desired state as a further revision is one that a person wants
   * to be tried again: it waits anew.
   */
  gaveUp(point: Point): Promise<string | null>;
  giveUp(point: Point, why: string): Promise<void>;
  /** Forgets all. */
  forget(): Promise<void>;
}

interface Point {
  epoch: string;
  revision: number;
  digest: string;
}

const SCHEMA = 'jamesc.waiting/1';
const Saved = Type.Object({
  schema: Type.Literal(SCHEMA),
  digest: Type.String(),
  since: Type.Number(),
  gaveUp: Type.Union([
    Type.Object({ epoch: Type.String(), revision: Type.Number(), why: Type.String() }),
    Type.Null(),
  ]),
});
type Saved = Type.Static<typeof Saved>;
const isSaved = plainCheck(Saved);

/** The clock was set if it went by so much otherwise than time did. */
const CLOCK_SET_MS = 60_000;

/** A record, and how long it had lasted at a time of the monotonic clock. */
interface Kept {
  saved: Saved;
  lastedMs: number;
  at: number;
}

/**
 * In a process time is counted by the monotonic clock, so that a deadline keeps its length when the clock is set. What
 * cannot be kept on disk counts while the process runs.
 */
export function createWaiting(options: {
  files: Files;
  state: string;
  clock: Clock;
  log: Log;
}): Waiting {
  const { files, state, clock, log } = options;
  const path = join(state, 'waiting.json');
  let loaded: Promise<Kept | null> | null = null;

  const load = async (): Promise<Kept | null> => {
    const value = await readJsonFile(files, path).catch(() => undefined);
    if (!isSaved(value)) return null;
    const lastedMs = Math.max(0, clock.now() - value.since);
    return { saved: value, lastedMs, at: clock.monotonic() };
  };
  const sinceOf = ({ lastedMs, at }: Kept): number =>
    Math.round(clock.now() - lastedMs - (clock.monotonic() - at));
  const keep = async (kept: Kept): Promise<void> => {
    loaded = Promise.resolve(kept);
    await replaceFile(files, path, jsonBytes(kept.saved)).catch((error: unknown) =>
      log.warn({ err: error }, 'Since when a change waits could not be kept.'),
    );
  };
  const of = async (digest: string): Promise<Kept | null> => {
    loaded ??= load();
    const kept = await loaded;
    return kept?.saved.digest === digest ? kept : null;
  };
  const since = async (digest: string): Promise<number | null> => {
    const kept = await of(digest);
    if (kept === null) return null;
    const time = sinceOf(kept);
    if (Math.abs(time - kept.saved.since) <= CLOCK_SET_MS) return kept.saved.since;
    await keep({ ...kept, saved: { ...kept.saved, since: time } });
    return time;
  };
  const begin = async (digest: string): Promise<number> => {
    const known = await since(digest);
    if (known !== null) return known;
    const saved: Saved = { schema: SCHEMA, digest, since: clock.now(), gaveUp: null };
    await keep({ saved, lastedMs: 0, at: clock.monotonic() });
    return saved.since;
  };

  const forget = async (): Promise<void> => {
    loaded = Promise.resolve(null);
    try {
      if (await files.lstat(path)) await files.unlink(path);
    } catch (error) {
      log.warn({ err: error }, 'Since when a change waited could not be forgotten.');
    }
  };

  return {
    since,
    begin,
    async gaveUp({ epoch, revision, digest }) {
      const given = (await of(digest))?.saved.gaveUp ?? null;
      if (given === null) return null;
      if (given.epoch === epoch && given.revision === revision) return given.why;
      await forget();
      return null;
    },
    async giveUp({ epoch, revision, digest }, why) {
      await begin(digest);
      const kept = await of(digest);
      const gaveUp = { epoch, revision, why };
      if (kept) await keep({ ...kept, saved: { ...kept.saved, gaveUp } });
    },
    forget,
  };
}
