import type { Log } from '../../proto/log.ts';
import type { Events } from '../events/events.ts';
import type { SourceFault, SourceOutcome } from './catalogue.ts';

/** Counts how refreshes ended, and says for people what is new: an update, a failure, or the end of one. */
export interface RefreshRecord {
  /** `before`: the fault of the refresh before. */
  add(outcome: SourceOutcome, before: SourceFault | null): void;
  counts(): Readonly<Record<SourceOutcome['result'], number>>;
}

export function createRefreshRecord({
  events,
  log,
}: {
  events: Pick<Events, 'add'>;
  log: Log;
}): RefreshRecord {
  const counts = { updated: 0, unchanged: 0, failed: 0, skipped: 0 };
  const tell = (kind: 'source-refreshed' | 'source-failed', subject: string, detail: string) =>
    events.add({ kind, actor: 'server', subject, detail });
  return {
    add({ source, result, error, packages }, before) {
      counts[result] += 1;
      if (error) {
        const { code, detail } = error;
        log.warn({ source, code }, `Source ${source} was not refreshed: ${detail}`);
        if (before?.detail !== detail) tell('source-failed', source, `${code}: ${detail}`);
      } else if (result === 'updated' || before) {
        log.info({ source, packages }, `Source ${source} was refreshed.`);
        tell('source-refreshed', source, `${packages} packages`);
      }
    },
    counts: () => ({ ...counts }),
  };
}

/** How a refresh ended, as a line. */
export function outcomeLine({ source, result, error, packages }: SourceOutcome): string {
  if (error) return `${source}: failed (${error.code}): ${error.detail}`;
  return `${source}: ${result}, ${packages} packages`;
}
