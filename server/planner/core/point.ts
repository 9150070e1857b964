import type { Point } from '../../../proto/desired.ts';
import { hasContent, type Outcome } from './body.ts';

/** A device's point in its sequence of desired states, as it stands in the store. Times in ms since 1970. */
export interface StoredPoint extends Point {
  /** The last point of the former lineage of the store, if there was one. */
  after: Point | null;
  digest: string;
  /** The key of the body. */
  body: string;
  issuedAt: number;
  expiresAt: number;
  /** Tells apart the labels that the device itself gave when this state was decided. */
  own: string;
  /** When a person last asked the device to look at what is installed; absent: never. */
  check?: number;
  /** The plan would leave the device with nothing because of its own labels; an operator has to approve. */
  held: boolean;
}

/** What is left of the point of a device that was removed: its revisions go on if it comes back. */
export type FormerPoint = Point & { after: Point | null };

/** What is known of a device when its next point is decided. */
export interface Situation {
  previous: StoredPoint | FormerPoint | null;
  /** Whether the present point gives the device anything. */
  hasContent: boolean;
  outcome: Outcome;
  own: string;
  epoch: string;
  now: number;
  lifeMs: number;
  /** An operator allowed that the device loses everything. */
  approved: boolean;
}

/**
 * `changed`: a new revision, to be published. `quiet`: something else to be remembered. `held`: the device keeps what it
 * has. `same`: nothing to write.
 */
export type Decision =
  | { kind: 'changed' | 'quiet' | 'held'; point: StoredPoint }
  | { kind: 'same' };

/** The next point of a device. Decided from state alone, so it does not matter how often or when it is asked. */
export function decidePoint(situation: Situation): Decision {
  const { previous, outcome, own } = situation;
  if (!previous || !isPoint(previous)) return { kind: 'changed', point: nextPoint(situation) };
  if (previous.epoch !== situation.epoch)
    return { kind: 'changed', point: carriedOver(situation, previous) };
  if (previous.digest === outcome.digest) {
    if (previous.own === own && !previous.held) return { kind: 'same' };
    return { kind: 'quiet', point: { ...previous, own, held: false } };
  }
  if (!situation.approved && losesAllByItself(situation, previous)) {
    if (previous.held) return { kind: 'same' };
    return { kind: 'held', point: { ...previous, held: true } };
  }
  return { kind: 'changed', point: nextPoint(situation) };
}

/** The first point of a new lineage of the store; a held removal stays held. */
function carriedOver(situation: Situation, previous: StoredPoint): StoredPoint {
  const next = nextPoint(situation);
  if (situation.approved || !losesAllByItself(situation, previous)) return next;
  const { digest, body, own } = previous;
  return { ...next, digest, body, own, held: true };
}

function losesAllByItself(situation: Situation, previous: StoredPoint): boolean {
  const empty = !hasContent(situation.outcome.body);
  return empty && situation.hasContent && previous.own !== situation.own;
}

function nextPoint({ previous, outcome, own, epoch, now, lifeMs }: Situation): StoredPoint {
  return {
    epoch,
    revision: (previous?.revision ?? 0) + 1,
    after: previous ? afterOf(previous, epoch) : null,
    digest: outcome.digest,
    body: outcome.body.key,
    issuedAt: now,
    expiresAt: now + lifeMs,
    ...checkOf(previous),
    own,
    held: false,
  };
}

/** A wish to look again stands until it is met, also if the state changes in between. */
function checkOf(previous: StoredPoint | FormerPoint | null): Pick<StoredPoint, 'check'> {
  return previous && isPoint(previous) && previous.check !== undefined
    ? { check: previous.check }
    : {};
}

/** Every document of a lineage names the end of the one before: a device may have been away for many revisions. */
function afterOf(previous: StoredPoint | FormerPoint, epoch: string): Point | null {
  if (previous.epoch === epoch) return previous.after;
  return { epoch: previous.epoch, revision: previous.revision };
}

function isPoint(previous: StoredPoint | FormerPoint): previous is StoredPoint {
  return 'digest' in previous;
}

/** True if the document is past half its life and has to be issued again before it is delivered. */
export function isStale(point: StoredPoint, now: number): boolean {
  return now > (point.issuedAt + point.expiresAt) / 2;
}

/** The same state, issued now. */
export function reissued(point: StoredPoint, now: number, lifeMs: number): StoredPoint {
  return { ...point, issuedAt: now, expiresAt: now + lifeMs };
}

/** What a person asks of a device: to try what failed once more, or to look at what is installed. */
export type AskKind = 'retry' | 'check';

/** The same state, issued now, so that a device does what it is asked: a failure counts for its revision only. */
export function askedAgain(
  point: StoredPoint,
  kind: AskKind,
  now: number,
  lifeMs: number,
): StoredPoint {
  const issued = reissued(point, now, lifeMs);
  if (kind === 'retry') return { ...issued, revision: point.revision + 1 };
  return { ...issued, check: now };
}
