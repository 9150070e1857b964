import { canonicalJson } from '../../../proto/canonical-json.ts';
import { DESIRED_REF_SCHEMA, DESIRED_SCHEMA, desiredEtag } from '../../../proto/desired.ts';
import type { Body } from './body.ts';
import type { StoredPoint } from './point.ts';

export interface Signature {
  keyid: string;
  sig: string;
}

/** Signs the canonical text of a document's `signed` member (RFC 8785). */
export type Sign = (signed: string) => readonly Signature[];

/**
 * The desired document of a device, in canonical form. A splice of texts, because a fleet is rendered at once: members
 * stand in the order that RFC 8785 asks for, ids and digests hold nothing that JSON escapes.
 */
export function renderDocument(device: string, point: StoredPoint, body: Body, sign: Sign): string {
  const after = point.after ? canonicalJson(point.after) : 'null';
  const check = point.check === undefined ? '' : `"check":"${timestamp(point.check)}",`;
  const signed =
    `{"after":${after},${check}"device":"${device}","digest":"${point.digest}","epoch":"${point.epoch}",` +
    `"expiresAt":"${timestamp(point.expiresAt)}","issuedAt":"${timestamp(point.issuedAt)}",` +
    `${body.head},"requires":${body.requires},"revision":${point.revision},${body.tail}}`;
  const signatures = sign(signed);
  const proof = signatures.length === 0 ? '[]' : canonicalJson(signatures);
  return `{"schema":"${DESIRED_SCHEMA}","signatures":${proof},"signed":${signed}}`;
}

/** What is sent in place of a document that is too long for a message. */
export function renderReference(device: string, point: StoredPoint): string {
  return canonicalJson({
    schema: DESIRED_REF_SCHEMA,
    epoch: point.epoch,
    revision: point.revision,
    digest: point.digest,
    ...(point.check !== undefined && { check: timestamp(point.check) }),
    url: `/v1/devices/${device}/desired`,
  });
}

/** The entity tag of the document at a point. */
export function etagOf({ epoch, revision, issuedAt }: StoredPoint): string {
  return desiredEtag({ epoch, revision, issuedAt: timestamp(issuedAt) });
}

/** RFC 3339 from ms since 1970. */
function timestamp(ms: number): string {
  return new Date(ms).toISOString();
}
