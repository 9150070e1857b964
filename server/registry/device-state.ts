import type { DeviceView } from '../../proto/api.ts';
import type { DeviceRow } from '../../proto/messages.ts';
import type { Phase, Reported } from '../../proto/reported.ts';
import type { Packets } from '../packets/packets.ts';
import type { DesiredPoint } from '../planner/planner.ts';
import type { DeviceEntry, ReportedSummary } from './devices.ts';

/**
 * A device has converged when what it installed is the revision and digest that are desired, of the same epoch, it is
 * idle, and nothing is held back.
 */
export function isConverged(
  reported: ReportedSummary | null,
  point: DesiredPoint | undefined,
  epoch: string,
): boolean {
  if (!reported?.installed || !point || point.held) return false;
  return (
    reported.phase === 'idle' &&
    reported.installed.revision === point.revision &&
    reported.installed.digest === point.digest &&
    reported.epoch === epoch
  );
}

/**
 * The phase as people see it: what the device says, but `waiting` for `removal` while a removal is held, and `waiting`
 * for `report` before it said anything.
 */
export function phaseOf(
  reported: ReportedSummary | null,
  point: DesiredPoint | undefined,
): { phase: Phase; reason: string | null } {
  if (point?.held) return { phase: 'waiting', reason: 'removal' };
  if (!reported) return { phase: 'waiting', reason: 'report' };
  return { phase: reported.phase, reason: reported.reason };
}

/** A device as the HTTP API shows it. `reported` is the whole report. */
export function deviceView(
  device: DeviceEntry,
  point: DesiredPoint | undefined,
  reported: Reported | null,
  epoch: string,
): DeviceView {
  const { id, state, labels, labelSources, online, since, transport } = device;
  return {
    id,
    state,
    labels,
    labelSources,
    ...phaseOf(device.reported, point),
    converged: isConverged(device.reported, point, epoch),
    online,
    since,
    transport,
    desired: point
      ? { revision: point.revision, digest: point.digest, problems: [...point.problems] }
      : null,
    reported,
    enrolledAt: device.enrolledAt,
    lastSeenAt: device.lastSeenAt,
  };
}

/** A device as a row of the live table. */
export function deviceRow(
  device: DeviceEntry,
  point: DesiredPoint | undefined,
  packets: Pick<Packets, 'get'>,
  epoch: string,
): DeviceRow {
  const { id, labels, online, transport, reported } = device;
  return {
    id,
    labels,
    online,
    transport,
    ...phaseOf(reported, point),
    ...(reported?.retryAt !== undefined && !point?.held && { retryAt: reported.retryAt }),
    ...(reported?.rebootPending && { rebootPending: true }),
    converged: isConverged(reported, point, epoch),
    revision: point?.revision ?? null,
    problems: point?.problems.length ?? 0,
    packets: (reported?.packets ?? []).map(({ name, id: packet, status }) => ({
      name,
      version: versionOf(packet, packets),
      status,
    })),
  };
}

/** The version label of a packet, or null if it has none or is not known here. */
export function versionOf(packet: string | null, packets: Pick<Packets, 'get'>): string | null {
  return (packet === null ? undefined : packets.get(packet)?.labels.version) ?? null;
}
