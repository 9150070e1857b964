import { type Labels, overlay } from '../../proto/labels.ts';
import type { Transport } from '../../proto/messages.ts';
import type { Reported } from '../../proto/reported.ts';
import type { DeviceRecord } from './device-record.ts';
import type { DeviceEntry, ReportedSummary } from './devices.ts';
import type { Interner } from './interner.ts';

const NONE: Labels = Object.freeze({});

/** A device in memory. Whoever changes it does so after the store acknowledged the change. */
export class Device implements DeviceEntry {
  readonly id: string;
  record: DeviceRecord;
  labels: Labels = NONE;
  facts: Labels = NONE;
  config: Labels = NONE;
  reported: ReportedSummary | null = null;
  online = false;
  since: string | null = null;
  transport: Transport | null = null;
  /** Ms since 1970. */
  seenAt: number | null = null;
  /** It is being removed or enrolled anew: reports are refused. */
  closing = false;

  constructor(id: string, record: DeviceRecord, interner: Interner) {
    this.id = id;
    this.record = record;
    this.identify(record, interner);
  }

  get state(): 'enrolled' | 'pending' {
    return this.record.state;
  }

  get enrolledAt(): string {
    return this.record.enrolledAt;
  }

  get lastSeenAt(): string | null {
    return this.seenAt === null ? null : new Date(this.seenAt).toISOString();
  }

  get labelSources(): DeviceEntry['labelSources'] {
    const { join, operator } = this.record;
    return { facts: this.facts, config: this.config, join, operator };
  }

  /** Takes another record. Returns true if the effective labels changed. */
  identify(record: DeviceRecord, interner: Interner): boolean {
    const { join, operator, config } = record;
    this.record = {
      ...record,
      token: interner.text(record.token),
      join: interner.labels(join),
      config: interner.labels(config),
      operator: interner.labels(operator),
    };
    if (this.reported === null) this.config = this.record.config;
    return this.relabel();
  }

  /** Takes a report. Returns true if the effective labels changed. */
  report(reported: Reported, interner: Interner): boolean {
    this.reported = summarize(reported, interner);
    const { facts, config } = reported.labels;
    const same = sameLabels(facts, this.facts) && sameLabels(config, this.config);
    if (same) return false;
    this.facts = interner.facts(facts);
    this.config = interner.labels(config);
    return this.relabel();
  }

  /** Forgets what a former holder of the identity reported. Returns true if the effective labels changed. */
  forgetReport(): boolean {
    this.reported = null;
    this.facts = NONE;
    this.config = this.record.config;
    return this.relabel();
  }

  /** Facts, configuration, join token, operator: a later one wins. */
  private relabel(): boolean {
    const { join, operator } = this.record;
    const labels = overlay(this.facts, this.config, join, operator);
    if (sameLabels(labels, this.labels)) return false;
    this.labels = labels;
    return true;
  }
}

function summarize(reported: Reported, interner: Interner): ReportedSummary {
  const { phase, reason, installed, seen, seq, epoch, packets, retryAt, rebootPending } = reported;
  const shared = (point: Reported['seen']): Reported['seen'] =>
    point && { revision: point.revision, digest: interner.text(point.digest) };
  return {
    phase,
    reason,
    installed: shared(installed),
    seen: shared(seen),
    seq,
    epoch: epoch === null ? null : interner.text(epoch),
    packets: interner.packets(packets),
    ...(retryAt !== null && { retryAt }),
    ...(rebootPending && { rebootPending }),
  };
}

/** True if both sets have the same keys and values. */
export function sameLabels(a: Labels, b: Labels): boolean {
  if (a === b) return true;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && a[key] === b[key]);
}
