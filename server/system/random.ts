import type { Random } from '../../proto/clock.ts';

/** Random numbers of this machine, for jitter; nothing secret is made from them. */
export const random: Random = () => Math.random();
