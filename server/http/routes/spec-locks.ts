import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { ListQuery } from '../../../proto/api.ts';
import { JamesError } from '../../../proto/errors.ts';
import { Id } from '../../../proto/ids.ts';
import type { RenewalHolds } from '../../../proto/package-views.ts';
import type { Planner } from '../../planner/planner.ts';
import type { SpecUpdates } from '../../planner/spec-updates.ts';
import type { Routes } from '../app.ts';
import { limitOf, numberCursor, pageOf } from '../paging.ts';
import { ChangeQuery, changeOptions } from './change-options.ts';

const IdParams = Type.Object({ id: Id });
type IdParams = Type.Static<typeof IdParams>;
const LockQuery = Type.Object({
  revision: Type.Optional(
    Type.Integer({ minimum: 1, description: 'Of the lock; the newest if absent.' }),
  ),
});
type LockQuery = Type.Static<typeof LockQuery>;
const DiffQuery = Type.Object({
  from: Type.Optional(
    Type.Integer({ minimum: 1, description: 'A lock; the one before `to` if absent.' }),
  ),
  to: Type.Optional(Type.Integer({ minimum: 1, description: 'A lock; the newest if absent.' })),
});
type DiffQuery = Type.Static<typeof DiffQuery>;
const PromoteQuery = Type.Object({
  ...ChangeQuery.properties,
  lock: Type.Optional(
    Type.Integer({ minimum: 1, description: 'An earlier lock, in place of the proposed update.' }),
  ),
});
type PromoteQuery = Type.Static<typeof PromoteQuery>;
type PageQuery = Type.Static<typeof ListQuery>;

const config = { access: ['operator'] } as const;

/** What specs chose, what a fresh plan would choose otherwise, and taking that. */
export function specLockRoutes({ updates, holds }: Pick<Planner, 'updates' | 'holds'>): Routes {
  return (app) => {
    addReading(app, updates);
    app.get(
      '/holds',
      {
        config,
        schema: {
          summary: 'The specs whose renewal waits for a person, as it would remove too much',
        },
      },
      async (): Promise<RenewalHolds> => ({ items: holds(), next: null }),
    );
    app.post<{ Params: IdParams; Querystring: PromoteQuery }>(
      '/specs/:id/promote',
      {
        config,
        schema: {
          summary: 'Takes the proposed update of a spec, or an earlier lock, as its lock',
          params: IdParams,
          querystring: PromoteQuery,
        },
      },
      async ({ params, query, identity }) =>
        updates.promote(params.id, { ...changeOptions(identity, query), lock: query.lock }),
    );
  };
}

function addReading(app: FastifyInstance, updates: SpecUpdates): void {
  app.get<{ Params: IdParams; Querystring: LockQuery }>(
    '/specs/:id/lock',
    {
      config,
      schema: {
        summary: 'What the spec chose, for each kind of device',
        params: IdParams,
        querystring: LockQuery,
      },
    },
    async ({ params, query }) => updates.lock(params.id, query.revision),
  );
  app.get<{ Params: IdParams; Querystring: DiffQuery }>(
    '/specs/:id/lock/diff',
    {
      config,
      schema: {
        summary: 'What a lock chose otherwise than an earlier one, for each kind of device',
        params: IdParams,
        querystring: DiffQuery,
      },
    },
    async ({ params, query }) => updates.diff(params.id, query),
  );
  app.get<{ Params: IdParams; Querystring: PageQuery }>(
    '/specs/:id/locks',
    {
      config,
      schema: {
        summary: 'All locks of a spec, newest first',
        params: IdParams,
        querystring: ListQuery,
      },
    },
    async ({ params, query }) => {
      const limit = limitOf(query);
      const entries = await updates.history(params.id, {
        ...numberCursor(query),
        limit: limit + 1,
      });
      if (entries.length === 0 && query.cursor === undefined)
        throw new JamesError('not-found', `There never was a lock of spec ${params.id}.`);
      return pageOf(entries, limit, ({ revision }) => revision);
    },
  );
  app.get<{ Params: IdParams }>(
    '/specs/:id/updates',
    {
      config,
      schema: {
        summary: 'What a fresh plan would choose otherwise than the lock; nothing is changed',
        params: IdParams,
      },
    },
    async ({ params }) => updates.updates(params.id),
  );
}
