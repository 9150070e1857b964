import type { Clock, Random } from '../proto/clock.ts';
import type { Log } from '../proto/log.ts';
import { judgeDesired, type Receiver, type Verdict } from './core/accept-desired.ts';
import { backoffDelay } from './core/backoff.ts';

export type Judged = Exclude<Verdict, { kind: 'fetch' }>;

export interface IntakeDeps {
  receiver(): Receiver;
  /** The document that a reference names. */
  fetchDocument(url: string, signal: AbortSignal): Promise<Uint8Array>;
  /** Acts on the verdict; the next document waits for it. */
  onVerdict(verdict: Judged): Promise<void>;
  clock: Clock;
  random: Random;
  log: Log;
}

/** Takes the documents that arrive, one after the other; of several that wait the last one counts. */
export interface Intake {
  take(content: Uint8Array): void;
  stop(): Promise<void>;
}

const RETRY = { baseMs: 1000, capMs: 60_000 };

export function createIntake(deps: IntakeDeps): Intake {
  const { clock, random, log } = deps;
  const stopping = new AbortController();
  let latest: Uint8Array | null = null;
  let working: Promise<void> | null = null;
  let failures = 0;
  let cancelRetry = (): void => {};

  const work = async (): Promise<void> => {
    while (latest !== null && !stopping.signal.aborted) {
      const content = latest;
      latest = null;
      await judge(content).catch((error: unknown) => {
        if (!stopping.signal.aborted) again(content, error);
      });
    }
    working = null;
  };

  const judge = async (content: Uint8Array): Promise<void> => {
    const verdict = judgeDesired(content, deps.receiver());
    if (verdict.kind !== 'fetch') return settle(verdict);
    const fetched = await deps.fetchDocument(verdict.ref.url, stopping.signal);
    const second = judgeDesired(fetched, deps.receiver());
    if (second.kind === 'fetch')
      return settle({ kind: 'ignore', code: 'bad-message', reason: 'a reference to a reference' });
    return settle(second);
  };

  const settle = async (verdict: Judged): Promise<void> => {
    failures = 0;
    await deps.onVerdict(verdict);
  };

  const again = (content: Uint8Array, error: unknown): void => {
    failures += 1;
    log.warn({ err: error }, 'The desired state could not be fetched; trying again.');
    cancelRetry = clock.after(backoffDelay(RETRY, failures, random), () => {
      if (latest === null) take(content);
    });
  };

  const take = (content: Uint8Array): void => {
    cancelRetry();
    latest = content;
    working ??= work();
  };

  return {
    take(content) {
      if (!stopping.signal.aborted) take(content);
    },
    async stop() {
      stopping.abort(new Error('stopped'));
      cancelRetry();
      await working;
    },
  };
}
