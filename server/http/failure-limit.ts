import type { Clock } from '../../proto/clock.ts';

export interface FailureLimit {
  /** Counts a failure of an address; false if it had too many. */
  allow(address: string): boolean;
}

/** Addresses that are remembered at most; the one that failed longest ago is forgotten first. */
const MAX_ADDRESSES = 10_000;

/** A token bucket per address (per /64 for IPv6, which one host has whole), in bounded memory. */
export function createFailureLimit(options: {
  clock: Clock;
  burst: number;
  perSecond: number;
}): FailureLimit {
  const buckets = new Map<string, { left: number; at: number }>();
  return {
    allow(address) {
      const key = networkOf(address);
      const now = options.clock.monotonic();
      const old = buckets.get(key) ?? { left: options.burst, at: now };
      const refilled = old.left + ((now - old.at) / 1000) * options.perSecond;
      const left = Math.min(options.burst, refilled) - 1;
      buckets.delete(key);
      buckets.set(key, { left: Math.max(left, 0), at: now });
      if (buckets.size > MAX_ADDRESSES) buckets.delete(buckets.keys().next().value ?? '');
      return left >= 0;
    },
  };
}

function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  return address.split(':').slice(0, 4).join(':');
}
