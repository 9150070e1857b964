import { join } from 'node:path';
import Type from 'typebox';
import { plainCheck } from '../../proto/check.ts';
import type { Clock } from '../../proto/clock.ts';
import { JamesError } from '../../proto/errors.ts';
import type { Log } from '../../proto/log.ts';
import { jsonBytes, readJsonFile, replaceFile } from '../state-file.ts';
import type { Files } from '../system/files.ts';
import { HoldView } from './hold-view.ts';

/** What programs on the device ask for: that nothing is applied for a while. Kept over restarts of the agent. */
export interface Holds {
  /** Holds until it is released or `forMs` are over; a hold of the same name is replaced. Durable when it resolves. */
  hold(name: string, forMs: number | null): Promise<HoldView>;
  /**
   * Holds while somebody is there; `end` says that he left. Over a restart of the agent it stays in force for a minute, so
   * that he can come again.
   */
  holdWhileThere(name: string): Promise<{ hold: HoldView; end(): Promise<void> }>;
  /** Ends all holds of a name; false if there is none. */
  release(name: string): Promise<boolean>;
  /** Those in force, the oldest first. */
  list(): HoldView[];
  /** Calls `listener` after a hold began or was ended; not when its time is over. */
  onChanged(listener: () => void): void;
}

const MAX_HOLDS = 64;
/** So long a hold of somebody who was there stays in force after a restart of the agent. */
const RETURN_MS = 60_000;
/** The clock was set if it went by so much otherwise than time did. */
const CLOCK_SET_MS = 1000;
const SCHEMA = 'jamesc.holds/1';
const isSaved = plainCheck(
  Type.Object({
    schema: Type.Literal(SCHEMA),
    holds: Type.Array(HoldView, { maxItems: MAX_HOLDS }),
  }),
);

interface Held {
  name: string;
  since: string;
  /** By the monotonic clock: holds last as long as they were asked for, also when the clock is set. */
  endsAt: number;
  /** The same as it was told last, by the wall clock. */
  toldUntil: number;
  /** `gone`: of somebody who was there before the agent restarted. */
  kind: 'kept' | 'there' | 'gone';
}

export interface HoldsOptions {
  files: Files;
  state: string;
  clock: Clock;
  log: Log;
}

/** The holds of a state directory, with those that an earlier process left. Content that nobody can read is dropped. */
export async function openHolds({ files, state, clock, log }: HoldsOptions): Promise<Holds> {
  const path = join(state, 'holds.json');
  const listeners = new Set<() => void>();
  let held = await load(files, path, clock);
  let writing: Promise<void> = Promise.resolve();

  const inForce = (): Held[] => held.filter(({ endsAt }) => endsAt > clock.monotonic());
  const view = (one: Held): HoldView => {
    const until = clock.now() + one.endsAt - clock.monotonic();
    // What is told of a hold changes when the clock was set, not with every reading of two clocks.
    if (Math.abs(until - one.toldUntil) > CLOCK_SET_MS) one.toldUntil = until;
    const { name, since, toldUntil, kind } = one;
    const end = Number.isFinite(toldUntil) ? isoTime(toldUntil) : null;
    return { name, since, until: end, whileThere: kind !== 'kept' };
  };
  const list = (): HoldView[] => inForce().map(view);
  const save = (): Promise<void> => {
    const write = (): Promise<void> =>
      replaceFile(files, path, jsonBytes({ schema: SCHEMA, holds: list() }));
    const written = writing.then(write);
    writing = written.catch((error: unknown) => log.warn({ err: error }, 'Holds were not kept.'));
    return written;
  };
  const set = async (next: Held[]): Promise<void> => {
    held = next;
    for (const listener of listeners) listener();
    await save();
  };
  const add = async (replaces: (one: Held) => boolean, one: Held): Promise<void> => {
    const others = inForce().filter((other) => !replaces(other));
    if (others.length >= MAX_HOLDS)
      throw new JamesError('conflict', `${MAX_HOLDS} holds are in force; release one first.`);
    await set([...others, one]).catch((error: unknown) => {
      held = held.filter((other) => other !== one);
      throw error;
    });
  };
  const newHold = (name: string, kind: Held['kind'], forMs: number | null): Held => {
    const lasts = forMs ?? Number.POSITIVE_INFINITY;
    const [endsAt, toldUntil] = [clock.monotonic() + lasts, clock.now() + lasts];
    return { name, since: isoTime(clock.now()), endsAt, toldUntil, kind };
  };

  return {
    async hold(name, forMs) {
      const one = newHold(name, 'kept', forMs);
      await add((other) => other.name === name && other.kind === 'kept', one);
      return view(one);
    },
    async holdWhileThere(name) {
      const one = newHold(name, 'there', null);
      await add((other) => other.name === name && other.kind === 'gone', one);
      const end = async (): Promise<void> => {
        if (held.includes(one)) await set(held.filter((other) => other !== one));
      };
      return { hold: view(one), end };
    },
    async release(name) {
      const others = inForce().filter((other) => other.name !== name);
      if (others.length === inForce().length) return false;
      await set(others);
      return true;
    },
    list,
    onChanged: (listener) => listeners.add(listener),
  };
}

async function load(files: Files, path: string, clock: Clock): Promise<Held[]> {
  const value = await readJsonFile(files, path).catch(() => undefined);
  if (!isSaved(value)) return [];
  return value.holds.flatMap(({ name, since, until, whileThere }): Held[] => {
    const kind = whileThere ? 'gone' : 'kept';
    const asked = until === null ? Number.POSITIVE_INFINITY : Date.parse(until);
    // Where the clock was put back since, no hold lasts longer than it was asked for.
    const rest = Math.min(asked - clock.now(), asked - Date.parse(since));
    const lasts = whileThere ? RETURN_MS : rest;
    if (!(lasts > 0)) return [];
    const [endsAt, toldUntil] = [clock.monotonic() + lasts, clock.now() + lasts];
    return [{ name, since, endsAt, toldUntil, kind }];
  });
}

const isoTime = (ms: number): string => new Date(Math.round(ms)).toISOString();
