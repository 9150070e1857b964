import type { Clock } from '../../proto/clock.ts';
import { JamesError } from '../../proto/errors.ts';
import type { Bodies } from './bodies.ts';
import { hasContent, type Outcome } from './core/body.ts';
import {
  type AskKind,
  askedAgain,
  type Decision,
  decidePoint,
  isStale,
  reissued,
} from './core/point.ts';
import type { Member } from './fleet.ts';
import type { PointChange, Points } from './points.ts';

/** Turns plans into changes of points. */
export interface Deciding {
  /** The changes that bring a member's point in line with its plan: one or none. */
  changes(member: Member, approved?: boolean): PointChange[];
  /** The change that issues a document again which is past half its life; none for a younger one. */
  reissue(member: Member): PointChange[];
  /** The change that issues a member's state once more because a person asks for it. */
  again(member: Member, kind: AskKind): PointChange[];
}

/** `epoch` is the identity of the store's lineage, `lifeMs` how long a document may be accepted. */
export function createDeciding({
  points,
  bodies,
  clock,
  epoch,
  lifeMs,
}: {
  points: Points;
  bodies: Bodies;
  clock: Clock;
  epoch: string;
  lifeMs: number;
}): Deciding {
  const decide = (member: Member, outcome: Outcome, approved: boolean): Decision =>
    decidePoint({
      previous: member.point ?? points.former(member.id) ?? null,
      hasContent: hasContent(bodies.get(member.point?.body ?? '') ?? nothing),
      outcome,
      own: member.own,
      epoch,
      now: clock.now(),
      lifeMs,
      approved,
    });

  return {
    changes(member, approved = false) {
      const { outcome } = member.labelset;
      if (!outcome) return [];
      const decision = decide(member, outcome, approved);
      if (decision.kind === 'same') return [];
      const { point } = decision;
      const change = { device: member.id, before: member.point, point };
      return [point.body === member.point?.body ? change : { ...change, body: outcome.body }];
    },
    reissue(member) {
      const { point } = member;
      if (!point || !isStale(point, clock.now())) return [];
      const next = reissued(point, clock.now(), lifeMs);
      return [{ device: member.id, before: point, point: next }];
    },
    again({ id, point }, kind) {
      if (!point) return [];
      const next = askedAgain(point, kind, clock.now(), lifeMs);
      return [{ device: id, before: point, point: next }];
    },
  };
}

const nothing = { lines: [], lock: null };

/** Asserts that a body that a point refers to is there. */
export function requireBody<Body>(body: Body | undefined, device: string): Body {
  if (body) return body;
  throw new JamesError(
    'internal',
    `The desired state of ${device} has no body in the store. Restore the store from a backup.`,
  );
}
