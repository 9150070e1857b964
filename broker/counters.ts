import type { BusStats } from './bus.ts';

/** What is counted as it happens; the rest of the figures is read when asked. */
export type Counters = Omit<BusStats, 'connections' | 'retainedTopics'>;

export const newCounters = (): Counters => ({
  delivered: 0,
  received: 0,
  slowConsumersCut: 0,
  connectsDelayed: 0,
  connectsRefused: 0,
  oversizeCut: 0,
  denied: 0,
});
