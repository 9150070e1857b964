/** The value below which the given share (0 to 1) of all values lies; the values in ascending order. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** `value` with so many digits after the point. */
export const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits));
