import { setMaxListeners } from 'node:events';
import type { Clock } from '../../proto/clock.ts';
import { parseDuration } from '../../proto/duration.ts';
import { HEALTH_DEFAULTS, type Health as SpecHealth } from '../../proto/health.ts';
import type { Log } from '../../proto/log.ts';
import { createSlots, type Slots } from '../downloads/slots.ts';
import { type AskDeps, askCheck } from './ask-check.ts';

/** Asks a device how it is after a change. */
export interface Health {
  /**
   * All questions are asked side by side, each again and again until it is answered well. The first one whose tries are
   * used up decides: the others end then. Rejects with the signal's reason when nothing that it started runs any more.
   */
  check(request: HealthRequest, signal: AbortSignal): Promise<HealthVerdict>;
}

export interface HealthRequest {
  /** Of the specs; null: nothing. */
  health: SpecHealth | null;
  packets: readonly PacketQuestion[];
}

/** A packet's own script; times in ms. */
export interface PacketQuestion extends Tries {
  packet: string;
  /** Null: all is well; else a sentence that says what is wrong. */
  ask(timeoutMs: number, signal: AbortSignal): Promise<string | null>;
}

interface Tries {
  /** For one try. */
  timeoutMs: number;
  /** After the first. */
  retries: number;
  /** Between two. */
  intervalMs: number;
}

export type HealthVerdict = { healthy: true } | { healthy: false; sentences: string[] };

export interface HealthDeps extends AskDeps {
  clock: Clock;
  log: Log;
}

/** So many questions are asked at a time; those that wait for their next try do not count. */
const SIDE_BY_SIDE = 16;

type Question = Tries & Pick<PacketQuestion, 'ask'>;

export function createHealth(deps: HealthDeps): Health {
  return {
    async check(request, signal) {
      signal.throwIfAborted();
      const end = new AbortController();
      const inner = AbortSignal.any([signal, end.signal]);
      // Every question listens to it.
      setMaxListeners(0, inner);
      const slots = createSlots(SIDE_BY_SIDE);
      const sentences: string[] = [];
      const others = new Error('Another check has decided.');
      const asking = questionsOf(deps, request).map(async (question) => {
        try {
          const wrong = await askUntilWell(deps, question, slots, inner);
          if (wrong === null) return;
          sentences.push(wrong);
          end.abort(others);
        } catch (error) {
          end.abort(others);
          throw error;
        }
      });
      const ended = await Promise.allSettled(asking);
      signal.throwIfAborted();
      if (sentences.length > 0) return { healthy: false, sentences };
      const broken = ended.find((one) => one.status === 'rejected' && one.reason !== others);
      if (broken?.status === 'rejected') throw broken.reason;
      return { healthy: true };
    },
  };
}

function questionsOf(deps: AskDeps, { health, packets }: HealthRequest): Question[] {
  if (health === null) return [...packets];
  const { timeout, retries, interval } = { ...HEALTH_DEFAULTS, ...health };
  const tries = {
    timeoutMs: parseDuration(timeout),
    retries,
    intervalMs: parseDuration(interval),
  };
  const checks = health.checks.map((check): Question => {
    const ask: Question['ask'] = (timeoutMs, signal) => askCheck(deps, check, timeoutMs, signal);
    return { ...tries, ask };
  });
  return [...checks, ...packets];
}

/** Null as soon as it was answered well; else what came in the last try. */
async function askUntilWell(
  { clock, log }: HealthDeps,
  { ask, timeoutMs, retries, intervalMs }: Question,
  slots: Slots,
  signal: AbortSignal,
): Promise<string | null> {
  for (let tried = 1; ; tried += 1) {
    const release = await slots.take(signal);
    const wrong = await ask(timeoutMs, signal).finally(release);
    signal.throwIfAborted();
    if (wrong === null) return null;
    log.debug({ tried, of: retries + 1 }, wrong);
    if (tried > retries) return `${wrong.replace(/\.$/, '')}, ${sayTries(tried)}.`;
    await clock.sleep(intervalMs, signal);
  }
}

const sayTries = (tried: number): string =>
  tried === 1 ? 'in the only try' : `in the last of ${tried} tries`;
