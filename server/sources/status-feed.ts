import type { Bus } from '../../broker/bus.ts';
import type { Clock } from '../../proto/clock.ts';
import type { Log } from '../../proto/log.ts';
import { sourceStatusTopic } from '../../proto/topics.ts';
import type { Catalogue, SourceDocuments } from './catalogue.ts';
import { statusMessage } from './status-view.ts';

export interface StatusFeedParts {
  catalogue: Pick<Catalogue, 'status' | 'onStatus'>;
  documents: Pick<SourceDocuments, 'all'>;
  bus: Pick<Bus, 'publish'>;
  clock: Clock;
  log: Log;
}

/** Tells viewers how sources stand: retained, each source at most four times a second. */
export interface StatusFeed {
  start(): void;
  stop(): void;
}

const PAUSE_MS = 250;

export function createStatusFeed({
  catalogue,
  documents,
  bus,
  clock,
  log,
}: StatusFeedParts): StatusFeed {
  const lines = new Map<string, string | null>();
  let cancel: (() => void) | null = null;
  let unfollow = (): void => {};

  function mark(id: string, line: string | null): void {
    lines.set(id, line);
    cancel ??= clock.after(PAUSE_MS, flush);
  }

  function flush(): void {
    cancel = null;
    for (const [id, line] of lines) {
      const status = catalogue.status(id);
      const text = status ? JSON.stringify(statusMessage(status, line)) : '';
      const message = { topic: sourceStatusTopic(id), payload: Buffer.from(text) };
      bus.publish({ ...message, qos: 1, retain: true }).catch((error: unknown) => {
        log.warn({ err: error, source: id }, 'The status of a source was not published.');
      });
    }
    lines.clear();
  }

  return {
    start() {
      unfollow = catalogue.onStatus(mark);
      for (const { id } of documents.all()) mark(id, null);
    },
    stop() {
      unfollow();
      cancel?.();
      cancel = null;
    },
  };
}
