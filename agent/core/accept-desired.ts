import { plainCheck } from '../../proto/check.ts';
import {
  DESIRED_REF_SCHEMA,
  DESIRED_SCHEMA,
  Desired,
  DesiredRef,
  desiredDigest,
  PACKAGES_FEATURE,
} from '../../proto/desired.ts';
import { type ErrorCode, JamesError } from '../../proto/errors.ts';
import { parseJson } from '../../proto/json.ts';

/** A point in a device's sequence of desired states, with what it asked for. */
export interface AcceptedPoint {
  epoch: string;
  revision: number;
  digest: string;
}

/** What the agent knows when a document arrives. */
export interface Receiver {
  device: string;
  /** The last desired state that it accepted, or null on a new device. */
  accepted: AcceptedPoint | null;
  /** The wish to look again that came with it, or null. */
  check: string | null;
  /** The features that this agent has, for `requires`. */
  features: ReadonlySet<string>;
  /** Wall-clock time in ms. */
  now: number;
}

export type Verdict =
  /** The document holds. `news` is false if it is the accepted state, issued again. */
  | { kind: 'accept'; desired: Desired; news: boolean }
  /** A reference to a document that may hold; fetch it and judge that. */
  | { kind: 'fetch'; ref: DesiredRef }
  /** Changes nothing. `stale`: it is older than what was accepted. */
  | { kind: 'ignore'; code: ErrorCode | 'stale'; reason: string }
  /** Another epoch that does not continue the accepted state; an operator must decide. */
  | { kind: 'conflict'; reason: string }
  /** It asks for features that this agent lacks. */
  | { kind: 'unsupported'; point: AcceptedPoint; reason: string };

const isDesired = plainCheck(Desired) as (value: unknown) => value is Desired;
const isDesiredRef = plainCheck(DesiredRef);

/** Judges the bytes of a message or of an answer. Unknown optional members are ignored. */
export function judgeDesired(bytes: Uint8Array, receiver: Receiver): Verdict {
  if (bytes.length === 0) return ignore('bad-message', 'the message is empty');
  const read = readObject(bytes);
  if ('kind' in read) return read;
  const { value } = read;
  switch (value.schema) {
    case DESIRED_SCHEMA:
      return isDesired(value)
        ? judgeDocument(value, receiver)
        : ignore('bad-message', 'the document does not fit its schema');
    case DESIRED_REF_SCHEMA:
      return isDesiredRef(value)
        ? judgeReference(value, receiver)
        : ignore('bad-message', 'the reference does not fit its schema');
    default:
      return ignore('unknown-schema', 'the schema of the message is not known');
  }
}

function readObject(bytes: Uint8Array): { value: Record<string, unknown> } | Verdict {
  try {
    const value = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return { value: value as Record<string, unknown> };
    return ignore('bad-message', 'the message is not a JSON object');
  } catch (error) {
    return ignore(
      error instanceof JamesError ? error.code : 'bad-message',
      error instanceof JamesError ? error.message : 'the message is not UTF-8',
    );
  }
}

function judgeDocument(desired: Desired, receiver: Receiver): Verdict {
  const { signed } = desired;
  if (signed.device !== receiver.device)
    return ignore('misaddressed', `the document is for the device "${signed.device}"`);
  if (desiredDigest(signed) !== signed.digest)
    return ignore('digest-mismatch', 'the document does not have the digest that it states');
  const twice = firstTwice(signed.packets.map((line) => line.name));
  if (twice !== undefined) return ignore('bad-message', `the packet "${twice}" stands twice`);
  const order = compareOrder(signed, signed.after, receiver.accepted);
  if (order !== 'newer' && order !== 'same') return order;
  return judgeTerms(desired, receiver, order === 'newer');
}

/** Expiry and features count for a document that would otherwise be taken. */
function judgeTerms(desired: Desired, receiver: Receiver, news: boolean): Verdict {
  const { signed } = desired;
  const expiry = Date.parse(signed.expiresAt);
  if (Number.isNaN(expiry)) return ignore('bad-message', 'the time of expiry is not a time');
  if (expiry <= receiver.now) return ignore('expired', `the document expired ${signed.expiresAt}`);
  const lacking = signed.requires.filter((feature) => !receiver.features.has(feature));
  if (lacking.length === 0) return { kind: 'accept', desired, news };
  const { epoch, revision, digest } = signed;
  return {
    kind: 'unsupported',
    point: { epoch, revision, digest },
    reason: `unsupported: ${lackingSentence(lacking)}`,
  };
}

function lackingSentence(lacking: readonly string[]): string {
  if (lacking.includes(PACKAGES_FEATURE))
    return 'the desired state has packages or sources, and this device has no package manager that the agent may use (apt, dnf or zypper)';
  return `the desired state requires ${lacking.join(', ')}; update the agent`;
}

function judgeReference(ref: DesiredRef, receiver: Receiver): Verdict {
  const { accepted, check } = receiver;
  if (accepted === null || accepted.epoch !== ref.epoch) return { kind: 'fetch', ref };
  const order = compareOrder(ref, null, accepted);
  const isNewWish = ref.check !== undefined && ref.check !== check;
  if (order === 'newer' || (order === 'same' && isNewWish)) return { kind: 'fetch', ref };
  return order === 'same' ? ignore('stale', 'the desired state is the accepted one') : order;
}

/** Where a point stands against the accepted one; a verdict if it cannot follow it. */
function compareOrder(
  point: AcceptedPoint,
  after: { epoch: string; revision: number } | null,
  accepted: AcceptedPoint | null,
): 'newer' | 'same' | Verdict {
  if (accepted === null) return 'newer';
  if (point.epoch !== accepted.epoch) return compareEpochs(point, after, accepted);
  if (point.revision > accepted.revision) return 'newer';
  if (point.revision < accepted.revision)
    return ignore('stale', `revision ${point.revision} is older than ${accepted.revision}`);
  if (point.digest === accepted.digest) return 'same';
  return ignore('bad-message', `revision ${point.revision} was accepted with another digest`);
}

function compareEpochs(
  point: AcceptedPoint,
  after: { epoch: string; revision: number } | null,
  accepted: AcceptedPoint,
): 'newer' | Verdict {
  const continues =
    after !== null && after.epoch === accepted.epoch && after.revision >= accepted.revision;
  if (continues) return 'newer';
  return {
    kind: 'conflict',
    reason: `epoch ${point.epoch} of the server does not continue revision ${accepted.revision} of epoch ${accepted.epoch}`,
  };
}

function firstTwice(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.has(name) || !seen.add(name));
}

function ignore(code: ErrorCode | 'stale', reason: string): Verdict {
  return { kind: 'ignore', code, reason };
}
