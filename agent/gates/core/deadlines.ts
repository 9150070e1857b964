import { parseDuration } from '../../../proto/duration.ts';

/** Something that holds a change back now. */
export interface Holding {
  /** What it is, without a point at the end: `The file /run/busy exists`. */
  what: string;
  /** After it has held back so long, in ms, what `atDeadline` says happens; null: it has no deadline. */
  deadlineMs: number | null;
  atDeadline: 'apply' | 'give-up';
  /** When it ends by itself, in ms; null: nobody knows. */
  endsAt: number | null;
}

export type HoldingVerdict =
  | { kind: 'open' }
  | { kind: 'gave-up'; by: Holding }
  /** `until`: when the last of them ends, or when it is given up, whichever is first; null: nobody knows. */
  | { kind: 'inhibited'; by: readonly Holding[]; until: number | null };

/**
 * What follows from all that holds a change back at `now`, if it could have begun at `since` (null: it could not yet, and
 * no deadline counts). Past its deadline one that says `apply` counts no more, and one that says `give-up` ends it.
 */
export function decideHolding(
  all: readonly Holding[],
  since: number | null,
  now: number,
): HoldingVerdict {
  const endOf = (one: Holding): number | null =>
    one.deadlineMs === null || since === null ? null : since + one.deadlineMs;
  const isPast = (one: Holding): boolean => (endOf(one) ?? Number.POSITIVE_INFINITY) <= now;
  const givenUp = all.find((one) => isPast(one) && one.atDeadline === 'give-up');
  if (givenUp) return { kind: 'gave-up', by: givenUp };
  const by = all.filter((one) => !isPast(one));
  if (by.length === 0) return { kind: 'open' };

  const never = Number.POSITIVE_INFINITY;
  const lifted = by.map((one) => {
    const byDeadline = one.atDeadline === 'apply' ? (endOf(one) ?? never) : never;
    return Math.min(byDeadline, one.endsAt ?? never);
  });
  const givesUp = by.map((one) => (one.atDeadline === 'give-up' ? (endOf(one) ?? never) : never));
  const until = Math.min(Math.max(...lifted), ...givesUp);
  return { kind: 'inhibited', by, until: Number.isFinite(until) ? until : null };
}

/** The time to a deadline in ms; null for none, or for a text that is no duration. */
export function deadlineOf(text: string | undefined): number | null {
  try {
    return text === undefined ? null : parseDuration(text);
  } catch {
    return null;
  }
}
