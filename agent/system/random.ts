import type { Random } from '../../proto/clock.ts';

/** Chance that is good enough to spread devices over time; not for secrets. */
export const systemRandom: Random = () => Math.random();
