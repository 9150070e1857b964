import { JamesError } from './errors.ts';

export const DURATION_PATTERN = '^[0-9]{1,9}(ms|s|m|h|d)$';
const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const LONGEST_MS = 365 * UNITS.d;

/**
 * A duration such as `250ms`, `30s`, `5m`, `1h` in ms. Throws `usage` for anything else, also for a bare number: its unit
 * would be a guess.
 */
export function parseDuration(text: string): number {
  const match = new RegExp(DURATION_PATTERN).exec(text);
  const unit = match?.[1] as keyof typeof UNITS | undefined;
  const ms = unit === undefined ? 0 : Number.parseInt(text, 10) * UNITS[unit];
  if (ms > 0 && ms <= LONGEST_MS) return ms;
  throw new JamesError(
    'usage',
    `${JSON.stringify(text.slice(0, 40))} is no duration; write a number with its unit, such as 250ms, 30s, 5m or 1h.`,
  );
}
