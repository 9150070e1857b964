import type { Clock } from '../proto/clock.ts';
import { spend, waitFor } from './core/pace.ts';
import type { Counters } from './counters.ts';
import type { BrokerLimits } from './limits.ts';

/** Somebody who asks to connect. */
export interface Applicant {
  address: string;
  /** True if the connection has ended meanwhile. */
  gone(): boolean;
  admit(): void;
  /** Waited so long that the client has given up, or is about to. */
  refuse(): void;
}

/**
 * Paces connects, so that a fleet that comes back at once is taken in as fast as the machine can, with all others served
 * in between, and nobody is worked for who has given up. Addresses take turns.
 */
export interface Admission {
  /** Calls `admit` now or later, or `refuse` later; false if the queue is full. */
  apply(applicant: Applicant): boolean;
  stop(): void;
}

export interface AdmissionOptions {
  limits: BrokerLimits;
  clock: Clock;
  counters: Counters;
}

/** How often the queue is looked at, in ms. */
const TICK = 5;

interface Waiting {
  applicant: Applicant;
  since: number;
}

export function createAdmission({ limits, clock, counters }: AdmissionOptions): Admission {
  const pace = { perSecond: limits.connectsPerSecond, burst: limits.connectBurst };
  const queues = new Map<string, Waiting[]>();
  let used = 0;
  let waiting = 0;
  let cancel: (() => void) | null = null;

  /** The first of the address whose turn it is; the address goes to the end. */
  function next(): Waiting | undefined {
    for (const [address, queue] of queues) {
      const first = queue.shift();
      queues.delete(address);
      if (queue.length > 0) queues.set(address, queue);
      waiting--;
      return first;
    }
    return undefined;
  }

  function tick(): void {
    cancel = null;
    const now = clock.monotonic();
    while (waiting > 0 && waitFor(pace, used, now) === 0) {
      const first = next();
      if (!first || first.applicant.gone()) continue;
      if (now - first.since > limits.connectWaitMs) {
        first.applicant.refuse();
        continue;
      }
      used = spend(pace, used, now);
      first.applicant.admit();
    }
    if (waiting > 0) cancel = clock.after(TICK, tick);
  }

  return {
    apply(applicant) {
      const now = clock.monotonic();
      if (waiting === 0 && waitFor(pace, used, now) === 0) {
        used = spend(pace, used, now);
        applicant.admit();
        return true;
      }
      const queue = queues.get(applicant.address) ?? [];
      const full = queue.length >= limits.connectsWaitingPerAddress;
      if (full || waiting >= limits.connectsWaiting) return false;
      queue.push({ applicant, since: now });
      queues.set(applicant.address, queue);
      waiting++;
      counters.connectsDelayed++;
      cancel ??= clock.after(TICK, tick);
      return true;
    },
    stop() {
      cancel?.();
      cancel = null;
      queues.clear();
      waiting = 0;
    },
  };
}
