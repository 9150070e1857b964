import type { EventKind } from '../../proto/api.ts';
import type { Kind } from '../../proto/document.ts';
import type { ChangeKind, GenerationView } from '../../proto/document-views.ts';
import type { Events } from '../events/events.ts';

type Made = Exclude<ChangeKind, 'unchanged'>;

const eventOf: Record<Kind, Record<Made | 'rolledBack', EventKind>> = {
  Spec: {
    created: 'spec-created',
    updated: 'spec-updated',
    deleted: 'spec-deleted',
    rolledBack: 'spec-rolled-back',
  },
  Source: {
    created: 'source-created',
    updated: 'source-updated',
    deleted: 'source-deleted',
    rolledBack: 'source-rolled-back',
  },
};

type Adds = Pick<Events, 'add'>;

/** An event for each document that a generation changed. */
export function tellChanges(events: Adds, { author, changes }: GenerationView): void {
  for (const { kind, id, revision, change } of changes) {
    if (change === 'unchanged') continue;
    const detail = `revision ${revision}`;
    events.add({ kind: eventOf[kind][change], actor: actorOf(author), subject: id, detail });
  }
}

/** One event for a document that was made what it was. */
export function tellRollback(
  events: Adds,
  { author }: GenerationView,
  { kind, id, revision }: { kind: Kind; id: string; revision: number },
): void {
  const detail = `to revision ${revision}`;
  events.add({ kind: eventOf[kind].rolledBack, actor: actorOf(author), subject: id, detail });
}

/** One event for the whole configuration. */
export function tellRollbackAll(
  events: Adds,
  { author }: GenerationView,
  generation: number,
): void {
  const subject = String(generation);
  events.add({ kind: 'generation-rolled-back', actor: actorOf(author), subject });
}

/** As in the history; all but files of the server are people with a token. */
function actorOf(author: string): string {
  return author === FILE_AUTHOR ? FILE_AUTHOR : `token:${author}`;
}

/** The author of what a file of the server says. */
export const FILE_AUTHOR = 'file';
