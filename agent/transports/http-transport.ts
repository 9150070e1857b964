import type { Clock, Random } from '../../proto/clock.ts';
import type { Log } from '../../proto/log.ts';
import type { BackoffPolicy } from '../core/backoff.ts';
import { pollDesired } from './desired-poll.ts';
import { problemOf } from './http-answers.ts';
import type { HttpClient } from './http-client.ts';
import type { Transport } from './transport.ts';

export interface HttpTransportDeps {
  http: HttpClient;
  device: string;
  /** Interval of polling in ms, where requests are not held. */
  pollMs: number;
  /** The entity tag of the desired document that the agent has, or null. */
  knownEtag: () => string | null;
  clock: Clock;
  random: Random;
  log: Log;
  backoff?: BackoffPolicy;
  /** Longest time in s that a request is held; the server takes at most 300. */
  longestWaitS?: number;
  /** Time in ms for an answer that is not held. */
  timeoutMs?: number;
}

const MAX_PROBLEM_BYTES = 64 * 1024;

/** The desired state by held requests (`Prefer: wait=N`) or polling, reports by PUT; progress and log are not carried. */
export function createHttpTransport(deps: HttpTransportDeps): Transport {
  const { http, device, log } = deps;
  let running: { stop: AbortController; ended: Promise<void> } | null = null;
  return {
    start(handlers) {
      if (running) return;
      const stop = new AbortController();
      const ended = pollDesired(deps, handlers, stop.signal).catch((error: unknown) => {
        if (!stop.signal.aborted) log.error({ err: error }, 'The loop over HTTP ended.');
      });
      running = { stop, ended };
    },
    async report(content) {
      const answer = await http.fetch(
        {
          method: 'PUT',
          url: `/v1/devices/${device}/reported`,
          headers: { 'content-type': 'application/json' },
          body: content,
          timeoutMs: deps.timeoutMs ?? 15_000,
        },
        MAX_PROBLEM_BYTES,
      );
      if (answer.status < 200 || answer.status > 299) throw problemOf(answer);
    },
    progress() {},
    log() {},
    async stop() {
      const ending = running;
      running = null;
      ending?.stop.abort(new Error('stopped'));
      await ending?.ended;
    },
  };
}
