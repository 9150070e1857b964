import type { PacketStatus, Phase, ReportedPacket } from '../../proto/reported.ts';
import { isConverged } from './device-state.ts';
import type { ReportedSummary } from './devices.ts';
import type { FeedParts } from './feed-parts.ts';

type Parts = Pick<FeedParts, 'registry' | 'planner' | 'events' | 'epoch'>;

type DeviceEvent = 'device-converged' | 'device-failed' | 'device-conflict' | 'device-drifted';

const FAILED: ReadonlySet<Phase> = new Set(['failed', 'rolled-back']);

/** Writes down when a device converged, failed, came into conflict or was found changed; once for each time. Returns what ends it. */
export function followReports({ registry, planner, events, epoch }: Parts): () => void {
  return registry.reports.onReport((id, before) => {
    const after = registry.get(id)?.reported;
    if (!after) return;
    const add = (kind: DeviceEvent, detail: string) =>
      events.add({ kind, actor: `device:${id}`, subject: id, detail });
    const point = planner.desiredOf(id);
    if (isConverged(after, point, epoch) && !isConverged(before, point, epoch)) {
      add('device-converged', `revision ${after.installed?.revision ?? 0}`);
    }
    if (FAILED.has(after.phase) && isNews(before, after)) {
      add('device-failed', `${after.phase}: ${after.reason ?? 'no reason given'}`);
    }
    if (after.phase === 'conflict' && before?.phase !== 'conflict') {
      add('device-conflict', after.reason ?? `epoch ${after.epoch ?? 'unknown'}`);
    }
    const drifted = newlyChanged(before, after);
    if (drifted.length > 0) add('device-drifted', sayChanged(drifted));
  });
}

/** A failure counts once per desired state that it was about. */
function isNews(before: ReportedSummary | null, after: ReportedSummary): boolean {
  return (
    before === null || !FAILED.has(before.phase) || before.seen?.revision !== after.seen?.revision
  );
}

const CHANGED: ReadonlySet<PacketStatus> = new Set(['modified', 'missing']);
/** An event names so many packets. */
const MOST_NAMED = 5;

/** Packets of which something is changed or missing now, and was not by the report before. */
function newlyChanged(before: ReportedSummary | null, after: ReportedSummary): ReportedPacket[] {
  if (before?.packets === after.packets) return [];
  const changed = (packets: readonly ReportedPacket[]): ReportedPacket[] =>
    packets.filter(({ status }) => CHANGED.has(status));
  const known = new Set(changed(before?.packets ?? []).map(({ name, id }) => `${name} ${id}`));
  return changed(after.packets).filter(({ name, id }) => !known.has(`${name} ${id}`));
}

function sayChanged(packets: readonly ReportedPacket[]): string {
  const named = packets.slice(0, MOST_NAMED).map(({ name, status }) => `${name} ${status}`);
  const more = packets.length - named.length;
  return `${named.join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}
