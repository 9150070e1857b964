import type { Random } from '../../../proto/clock.ts';

/** Choices from a random source. */
export interface Draw {
  /** From 0 up to, but not including, `below`. */
  number(below: number): number;
  chance(share: number): boolean;
  one<T>(from: readonly [T, ...T[]]): T;
}

export function drawFrom(random: Random): Draw {
  const number = (below: number): number => Math.floor(random() * below);
  return {
    number,
    chance: (share) => random() < share,
    one: (from) => from[number(from.length)] ?? from[0],
  };
}
