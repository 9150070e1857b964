import Type from 'typebox';
import { compiledCheck } from '../../proto/check.ts';
import { Labels } from '../../proto/labels.ts';
import type { Reported } from '../../proto/reported.ts';

/** What the store keeps of a device's identity, below `device/ID`. */
export const DeviceRecord = Type.Object({
  format: Type.Literal(1),
  /** SHA-256 of the secret, base64url. */
  secret: Type.String(),
  state: Type.Union([Type.Literal('enrolled'), Type.Literal('pending')]),
  join: Labels,
  /** Configured labels as given at enrolment; a report's take their place. */
  config: Labels,
  operator: Labels,
  enrolledAt: Type.String(),
  /** The id of the join token that it came with. */
  token: Type.String(),
  /** The last time that somebody asked for this id in vain. */
  claim: Type.Union([
    Type.Object({ at: Type.String(), peer: Type.String(), token: Type.String() }),
    Type.Null(),
  ]),
  /** Until when (ms since 1970) the id may be enrolled once more, with a new secret. */
  openUntil: Type.Union([Type.Number(), Type.Null()]),
});
export type DeviceRecord = Type.Static<typeof DeviceRecord>;

const isRecord = compiledCheck(DeviceRecord);

/** Reads a stored record. Throws on one that this release does not understand, naming the device. */
export function parseRecord(id: string, value: string): DeviceRecord {
  const record: unknown = JSON.parse(value);
  if (isRecord(record)) return record;
  throw new Error(
    `the store's record of device "${id}" is of a format that this release does not know`,
  );
}

/** What the store keeps below `reported/ID`: when it came (ms since 1970), and the report as it came. */
export interface StoredReport {
  receivedAt: number;
  reported: Reported;
}

/** The stored form of a report; `json` is the report's own text. */
export function reportValue(receivedAt: number, json: string): string {
  return `{"receivedAt":${receivedAt},"reported":${json}}`;
}

/** Reads a stored report; it was checked before it was stored. */
export function parseStoredReport(value: string): StoredReport {
  return JSON.parse(value) as StoredReport;
}
