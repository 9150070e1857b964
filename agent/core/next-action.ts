import type { Phase } from '../../proto/reported.ts';
import type { AcceptedPoint } from './accept-desired.ts';
import { type BackoffPolicy, backoffDelay } from './backoff.ts';

/** A desired state that could not be brought about. */
export interface Failure {
  epoch: string;
  revision: number;
  /** How often it was tried. */
  attempts: number;
  /** Wall-clock time in ms of the next try; null: not before something changes. */
  retryAt: number | null;
  undone: boolean;
  code: string;
  reason: string;
}

/** Everything that decides what the agent does next. */
export interface Situation {
  /** The desired state that was accepted last. */
  target: AcceptedPoint | null;
  /** The desired state that was last brought about in whole. */
  installed: AcceptedPoint | null;
  failure: Failure | null;
  /** Why the server's last document was refused, where the operator must know. */
  refused: { phase: 'conflict' | 'failed'; reason: string } | null;
  /** Whether the device may download and apply now; null: nothing keeps it from it. */
  gates: { download: Gate; apply: Gate } | null;
  /** Everything that the target needs was downloaded. */
  downloaded: boolean;
  /** Something of what the target wants was changed on the device, and is to be put back. */
  repair: boolean;
  /** Wall-clock time in ms. */
  now: number;
}

/** Whether something may be done now; if not, why, until when (wall-clock time in ms) and after how long to ask again. */
export type Gate =
  | { open: true }
  | { open: false; reason: string; detail: string; until: number | null; askAgainMs: number };

export type Action =
  | { kind: 'converge' }
  /** Only fetches what is needed: it may not be applied yet. */
  | { kind: 'download' }
  /** Nothing to do; `ms` is the time after which that changes by itself, null: never. */
  | {
      kind: 'rest';
      phase: Phase;
      reason: string | null;
      retryAt: number | null;
      detail: string | null;
      ms: number | null;
    };

/** What to do now. Total: every situation has exactly one answer. */
export function nextAction(situation: Situation): Action {
  const { target, installed, failure, refused, now } = situation;
  if (target !== null && (situation.repair || !isSame(target, installed))) {
    if (failure === null || !isOf(failure, target)) return throughGates(situation);
    if (failure.retryAt !== null && failure.retryAt <= now) return throughGates(situation);
    return restAfter(failure, now);
  }
  const phase = refused?.phase ?? 'idle';
  const reason = refused?.reason ?? null;
  return { kind: 'rest', phase, reason, retryAt: null, detail: null, ms: null };
}

/** What may be done now of what has to be done. */
function throughGates({ gates, downloaded }: Situation): Action {
  if (gates === null) return { kind: 'converge' };
  const { download, apply } = gates;
  if (!apply.open && apply.reason === 'gave-up') return restBefore(apply);
  if (!downloaded && !download.open) return restBefore(download);
  if (apply.open) return { kind: 'converge' };
  return downloaded ? restBefore(apply) : { kind: 'download' };
}

function restBefore({ reason, detail, until, askAgainMs }: Gate & { open: false }): Action {
  if (reason === 'gave-up')
    return { kind: 'rest', phase: 'failed', reason: detail, retryAt: null, detail, ms: askAgainMs };
  return { kind: 'rest', phase: 'waiting', reason, retryAt: until, detail, ms: askAgainMs };
}

function restAfter(failure: Failure, now: number): Action {
  const { retryAt, reason, undone } = failure;
  const ms = retryAt === null ? null : retryAt - now;
  if (failure.code === 'source-unreachable' && retryAt !== null)
    return { kind: 'rest', phase: 'waiting', reason: 'source', retryAt, detail: reason, ms };
  const phase = undone ? 'rolled-back' : 'failed';
  return { kind: 'rest', phase, reason, retryAt, detail: null, ms };
}

/** Codes of failures that are not of packets but of packages, their manager or their sources. */
const PACKAGE_CODES: readonly string[] = [
  'package-failed',
  'packages-differ',
  'package-manager-locked',
  'source-unreachable',
  'source-untrusted',
];

/** What stood in the way of packages, in words; null if nothing did. */
export const packageProblemOf = (failure: Failure | null): string | null =>
  failure !== null && PACKAGE_CODES.includes(failure.code) ? failure.reason : null;

/** A desired state in which the device stopped so many times is not tried again. */
const MOST_INTERRUPTIONS = 3;

/** The failure after one more try that failed; a revision that cannot succeed unchanged gets no next try. */
export function failureAfter(
  before: Failure | null,
  target: AcceptedPoint,
  outcome: { undone: boolean; code: string; reason: string; retryable: boolean },
  when: { now: number; random: () => number; backoff: BackoffPolicy },
): Failure {
  const attempts = before !== null && isOf(before, target) ? before.attempts + 1 : 1;
  const isHopeless = outcome.code === 'interrupted' && attempts >= MOST_INTERRUPTIONS;
  const delay = backoffDelay(when.backoff, attempts, when.random);
  return {
    epoch: target.epoch,
    revision: target.revision,
    attempts,
    retryAt: outcome.retryable && !isHopeless ? when.now + delay : null,
    undone: outcome.undone,
    code: outcome.code,
    reason: outcome.reason,
  };
}

const isOf = (failure: Failure, point: AcceptedPoint): boolean =>
  failure.epoch === point.epoch && failure.revision === point.revision;

export const isSame = (one: AcceptedPoint, other: AcceptedPoint | null): boolean =>
  other !== null &&
  one.epoch === other.epoch &&
  one.revision === other.revision &&
  one.digest === other.digest;
