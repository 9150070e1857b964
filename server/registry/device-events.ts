import type { Phase } from '../../proto/reported.ts';
import { isConverged } from './device-state.ts';
import type { ReportedSummary } from './devices.ts';
import type { FeedParts } from './feed-parts.ts';

type Parts = Pick<FeedParts, 'registry' | 'planner' | 'events' | 'epoch'>;

const FAILED: ReadonlySet<Phase> = new Set(['failed', 'rolled-back']);

/** Writes down when a device converged, failed or came into conflict; once for each time. Returns what ends it. */
export function followReports({ registry, planner, events, epoch }: Parts): () => void {
  return registry.reports.onReport((id, before) => {
    const after = registry.get(id)?.reported;
    if (!after) return;
    const add = (kind: 'device-converged' | 'device-failed' | 'device-conflict', detail: string) =>
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
  });
}

/** A failure counts once per desired state that it was about. */
function isNews(before: ReportedSummary | null, after: ReportedSummary): boolean {
  return (
    before === null || !FAILED.has(before.phase) || before.seen?.revision !== after.seen?.revision
  );
}
