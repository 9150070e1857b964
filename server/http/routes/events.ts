import Type from 'typebox';
import {
  type EventKind,
  type EventView,
  eventKinds,
  ListQuery,
  type Page,
} from '../../../proto/api.ts';
import type { Events } from '../../events/events.ts';
import type { Routes } from '../app.ts';
import { encodeCursor, limitOf, numberCursor } from '../paging.ts';

const EventQuery = Type.Object({
  ...ListQuery.properties,
  subject: Type.Optional(Type.String({ maxLength: 256 })),
  kind: Type.Optional(Type.Enum([...eventKinds])),
});
interface EventQuery {
  limit?: number;
  cursor?: string;
  subject?: string;
  kind?: EventKind;
}

/** `events`: what happened, newest first. */
export function eventRoutes({ events }: { events: Events }): Routes {
  return (app) => {
    app.get<{ Querystring: EventQuery }>(
      '/events',
      {
        config: { access: ['operator'] },
        schema: { summary: 'What happened, newest first', querystring: EventQuery },
      },
      async ({ query }): Promise<Page<EventView>> => {
        const { cursor: _cursor, ...filter } = query;
        const place = { limit: limitOf(query), ...numberCursor(query) };
        const { items, next } = await events.list({ ...filter, ...place });
        return { items, next: next === null ? null : encodeCursor([next]) };
      },
    );
  };
}
