/** One figure of `npm run bench`, as it stands in bench.json. */
export interface Row {
  name: string;
  /** How many agents, devices, clients or messages were measured with. */
  n: number;
  /** The median over the rounds. */
  value: number;
  unit: string;
  /** What it must hold, in words: `≤ 1.5 s`, `≤ 3 × mosquitto`. */
  bar: string;
  ok: boolean;
  /** The program measured beside it in the same run. */
  peer?: string;
  peerVersion?: string;
  peerValue?: number;
  /** `value` to `peerValue`. */
  ratio?: number;
  rounds: number;
  /** Where the time goes, or what limits the measurement. */
  note?: string;
}

/** The middle one of some figures; the mean of two for an even count; NaN for none. */
export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = Number.NaN, high = Number.NaN] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}
