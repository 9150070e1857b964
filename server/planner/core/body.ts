import type { Plan } from '../../../proto/api.ts';
import { canonicalJson } from '../../../proto/canonical-json.ts';
import {
  type DesiredBody,
  desiredDigest,
  isKept,
  type PacketLine,
  type ProblemCode,
  requiredFeatures,
} from '../../../proto/desired.ts';
import { secretsOf } from '../../../proto/desired-source.ts';
import type { DevicePolicy } from '../../../proto/device-policy.ts';
import { sha256Of } from '../../../proto/digest.ts';
import type { LockRef } from '../../../proto/lock.ts';
import type { LabelPlan, PlannedPacket } from '../../core/model.ts';
import { problemsOf } from '../../core/plan-labelset.ts';

/** The computed part of desired documents, as devices share it. */
export interface Body {
  /** SHA-256 of `text`; what a point refers to. */
  readonly key: string;
  /** Canonical JSON of the DesiredBody. */
  readonly text: string;
  readonly lines: readonly PacketLine[];
  readonly lock: LockRef | null;
  /** Names of the secrets that its sources need. */
  readonly secrets: readonly string[];
  /** Canonical JSON: the features that an agent must have for it. */
  readonly requires: string;
  /** The members of `text` on either side of the place where `requires` and `revision` stand in a document. */
  readonly head: string;
  readonly tail: string;
}

/** A body that a plan gave, with its digest (which leaves the reasons out). */
export interface Outcome {
  readonly signature: string;
  readonly digest: string;
  readonly body: Body;
}

/** The path under which a packet's content is served. */
export function contentUrl(id: string): string {
  return `/v1/packets/${id}/content`;
}

/** A text that is equal exactly if the bodies of two plans are. Much cheaper than the body. */
export function planSignature(plan: LabelPlan): string {
  const packets = plan.packets.map(
    ({ packet, reason }) =>
      `${packet.id} ${reason.spec} ${reason.revision} ${reason.neededBy?.join(' ') ?? ''}`,
  );
  const problems = plan.problems.map(({ name, code }) => `${name} ${code}`);
  return `${packets.join('\n')}\n\n${problems.join('\n')}\n\n${packagesSignature(plan)}\n\n${policySignature(plan)}`;
}

function packagesSignature({ packages }: LabelPlan): string {
  if (!packages) return '';
  const { lock, sources, policy } = packages;
  return `${lock.digest} ${sources.digest} ${policy.version} ${policy.downgrade} ${policy.unmanaged}`;
}

function policySignature({ policy: { fields, policy } }: LabelPlan): string {
  return fields.length === 0 ? '' : canonicalJson(policy);
}

/** Gives `sha256:` and 64 hexadecimal digits of the UTF-8 form of a text. */
type DigestText = (text: string) => string;

/** The outcome of a plan. */
export function outcomeOf(
  plan: LabelPlan,
  signature: string,
  digestText: DigestText = sha256Of,
): Outcome {
  const body = desiredBody(plan);
  return {
    signature,
    digest: desiredDigest(body, digestText),
    body: bodyOf(canonicalJson(body), digestText),
  };
}

function desiredBody(plan: LabelPlan): DesiredBody {
  const packets = linesOf(plan);
  const policy = policyOf(plan);
  if (!plan.packages) return { packets, lock: null, sources: [], policy };
  const { lock, sources } = plan.packages;
  return {
    packets,
    lock: { digest: lock.digest, url: lockUrl(lock.digest), count: lock.count },
    sources: [...sources.list],
    policy,
  };
}

/** How devices go about what a plan asks of them. */
export function policyOf({ packages, policy }: LabelPlan): DevicePolicy {
  return { ...policy.policy, ...(packages && { packages: packages.policy }) };
}

/** The path under which a lock is served. */
export function lockUrl(digest: string): string {
  return `/v1/locks/${digest}`;
}

/** True if a device with this body has anything, or keeps it. */
export function hasContent({ lines, lock }: Pick<Body, 'lines' | 'lock'>): boolean {
  return lines.length > 0 || lock !== null;
}

/** A body from its canonical text. */
export function bodyOf(text: string, digestText: DigestText = sha256Of): Body {
  const { lock, packets, policy, sources } = JSON.parse(text) as DesiredBody;
  const tail = canonicalJson({ sources }).slice(1, -1);
  // In canonical JSON the sources stand last, behind a comma.
  const head = text.slice(1, -`,${tail}}`.length);
  return {
    ...{ key: digestText(text), text, lines: packets, lock, head, tail },
    secrets: secretsOf(sources),
    requires: canonicalJson(requiredFeatures({ lock, packets, policy, sources })),
  };
}

/** What a device shall have, sorted by name, and what it keeps because it cannot be served. */
export function linesOf(plan: LabelPlan): PacketLine[] {
  const wanted: PacketLine[] = plan.packets.map(wantedLine);
  const kept: PacketLine[] = plan.problems.map(({ name, code }) => ({
    name,
    keep: true,
    problem: code as ProblemCode,
  }));
  return [...wanted, ...kept].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function wantedLine({ packet, reason }: PlannedPacket) {
  const { name, id, labels, size, driver } = packet;
  const kind = driver === undefined ? {} : { driver };
  return { name, id, labels, size, url: contentUrl(id), ...kind, reason };
}

/** The plan as `POST compute` answers it. */
export function planView(plan: LabelPlan): Plan {
  return {
    packets: plan.packets.map(wantedLine),
    packages: [...(plan.packages?.packages() ?? [])],
    problems: problemsOf(plan),
    spec: plan.spec,
  };
}

/** True if two lists ask the same of a device, whatever the reasons. */
export function sameLines(a: readonly PacketLine[], b: readonly PacketLine[]): boolean {
  return a.length === b.length && a.every((line, index) => lineKey(line) === lineKey(b[index]));
}

function lineKey(line: PacketLine | undefined): string {
  if (!line) return '';
  return isKept(line) ? `${line.name} keep ${line.problem}` : `${line.name} ${line.id}`;
}
