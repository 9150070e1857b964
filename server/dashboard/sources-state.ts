import type { SourceStatusMessage } from '../../proto/source-status.ts';
import type { Tone } from './words.ts';

/** How the sources stand, by id. */
export type SourceStates = ReadonlyMap<string, SourceStatusMessage>;

/** The states after a message on a source's topic; null: the source is gone. */
export function withStatus(
  states: SourceStates,
  id: string,
  status: SourceStatusMessage | null,
): SourceStates {
  const next = new Map(states);
  if (status === null) next.delete(id);
  else next.set(id, status);
  return next;
}

/** True if another index came into use, or may have. */
export function offersMayDiffer(
  before: SourceStatusMessage | undefined,
  after: SourceStatusMessage | null,
): boolean {
  return before?.lastGoodAt !== after?.lastGoodAt || before?.packages !== after?.packages;
}

/** A source's state as a badge. A failed refresh leaves what was read before in use. */
export function badgeOf({ state, refreshing, lastGoodAt }: SourceStatusMessage): {
  text: string;
  tone: Tone;
} {
  if (refreshing) return { text: 'refreshing', tone: 'busy' };
  if (state === 'failed')
    return { text: lastGoodAt === null ? 'failed' : 'failed, last good in use', tone: 'bad' };
  if (state === 'new') return { text: 'not read yet', tone: 'wait' };
  return state === 'off' ? { text: 'without index', tone: 'good' } : { text: 'good', tone: 'good' };
}
