import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { ListQuery, type SpecView } from '../../../proto/api.ts';
import { readDocumentOf } from '../../../proto/document.ts';
import { JamesError } from '../../../proto/errors.ts';
import { Id, requireId } from '../../../proto/ids.ts';
import type { Spec } from '../../../proto/spec.ts';
import type { Configuration } from '../../documents/configuration.ts';
import type { History } from '../../documents/history.ts';
import type { Specs } from '../../documents/specs.ts';
import type { Routes } from '../app.ts';
import { idCursor, limitOf, numberCursor, pageOf } from '../paging.ts';
import { ChangeQuery, changeOptions } from './change-options.ts';
import { lists, refuseStale, requirePrecondition, revisionEtag } from './precondition.ts';

export interface SpecRouteParts {
  specs: Specs;
  history: History;
  configuration: Configuration;
}

const IdParams = Type.Object({ id: Id });
type IdParams = Type.Static<typeof IdParams>;
const RevisionParams = Type.Object({ id: Id, revision: Type.Integer({ minimum: 1 }) });
type RevisionParams = Type.Static<typeof RevisionParams>;
const RollbackBody = Type.Object(
  { revision: Type.Integer({ minimum: 1 }) },
  { additionalProperties: false },
);
type RollbackBody = Type.Static<typeof RollbackBody>;
type PageQuery = Type.Static<typeof ListQuery>;

const config = { access: ['operator'] } as const;

/** `/specs`: read, change with a precondition, history, return to an earlier revision. */
export function specRoutes(parts: SpecRouteParts): Routes {
  return (app) => {
    addReading(app, parts);
    addChanging(app, parts);
    addHistory(app, parts);
  };
}

function addReading(app: FastifyInstance, { specs }: SpecRouteParts): void {
  app.get<{ Querystring: PageQuery }>(
    '/specs',
    { config, schema: { summary: 'All specs, by id', querystring: ListQuery } },
    async ({ query }) => {
      const after = idCursor(query);
      const limit = limitOf(query);
      const rest = [...specs.all()].filter(({ id }) => id > after).sort(byId);
      return pageOf(rest, limit, ({ id }) => id);
    },
  );
  app.get<{ Params: IdParams }>(
    '/specs/:id',
    { config, schema: { summary: 'A spec; the entity tag is its revision', params: IdParams } },
    async ({ params, headers }, reply) => {
      const view = specs.get(params.id);
      if (!view) throw new JamesError('not-found', `There is no spec ${params.id}.`);
      const { 'if-none-match': known } = headers;
      reply.header('etag', revisionEtag(view.revision));
      if (known !== undefined && lists(known, view)) return reply.code(304).send();
      return view;
    },
  );
}

function byId(a: SpecView, b: SpecView): number {
  return a.id < b.id ? -1 : 1;
}

function addChanging(app: FastifyInstance, { configuration }: SpecRouteParts): void {
  app.put<{ Params: IdParams; Querystring: ChangeQuery }>(
    '/specs/:id',
    {
      config,
      schema: {
        summary: 'Makes a spec (201) or, with If-Match, replaces it (200)',
        params: IdParams,
        querystring: ChangeQuery,
        body: Type.Unknown({ description: 'A spec; its id is the one of the address.' }),
      },
    },
    async (request, reply) => {
      const spec = readBody(request);
      const check = (current: SpecView | undefined): void =>
        requirePrecondition(request.headers, current);
      const options = { ...changeOptions(request.identity, request.query), check };
      const { view, created } = await configuration.put(spec, options);
      return sendView(reply.code(created ? 201 : 200), view);
    },
  );
  app.delete<{ Params: IdParams; Querystring: ChangeQuery }>(
    '/specs/:id',
    { config, schema: { summary: 'Deletes a spec', params: IdParams, querystring: ChangeQuery } },
    async (request, reply) => {
      const check = (current: SpecView | undefined): void => refuseStale(request.headers, current);
      const options = { ...changeOptions(request.identity, request.query), check };
      await configuration.delete(request.params.id, options);
      return reply.code(204).send();
    },
  );
  app.post<{ Params: IdParams; Querystring: ChangeQuery; Body: RollbackBody }>(
    '/specs/:id/rollback',
    {
      config,
      schema: {
        summary: 'Makes a spec what it was, as a new revision; 204 if it was deleted then',
        params: IdParams,
        querystring: ChangeQuery,
        body: RollbackBody,
      },
    },
    async (request, reply) => {
      const { params, query, body, headers } = request;
      const check = (current: SpecView | undefined): void => refuseStale(headers, current);
      const options = { ...changeOptions(request.identity, query), check };
      const view = await configuration.rollback(params.id, body.revision, options);
      return view ? sendView(reply, view) : reply.code(204).send();
    },
  );
}

/** The body as a spec; its id has to be the one of the address. */
function readBody(request: FastifyRequest<{ Params: IdParams }>): Spec {
  const id = requireId('spec', request.params.id);
  const spec = readDocumentOf('Spec', request.body);
  if (spec.id === id) return spec;
  throw new JamesError(
    'bad-document',
    `The address names spec ${id}, the document spec ${spec.id}. Make them agree.`,
  );
}

function sendView(reply: FastifyReply, view: SpecView): FastifyReply {
  return reply.header('etag', revisionEtag(view.revision)).send(view);
}

function addHistory(app: FastifyInstance, { history }: SpecRouteParts): void {
  app.get<{ Params: IdParams; Querystring: PageQuery }>(
    '/specs/:id/revisions',
    {
      config,
      schema: {
        summary: 'All revisions of a spec, newest first, also of a deleted one',
        params: IdParams,
        querystring: ListQuery,
      },
    },
    async ({ params, query }) => {
      const limit = limitOf(query);
      const page = { ...numberCursor(query), limit: limit + 1 };
      const revisions = await history.revisions(params.id, page);
      if (revisions.length === 0 && query.cursor === undefined)
        throw new JamesError('not-found', `There never was a spec ${params.id}.`);
      return pageOf(revisions, limit, ({ revision }) => revision);
    },
  );
  app.get<{ Params: RevisionParams }>(
    '/specs/:id/revisions/:revision',
    { config, schema: { summary: 'One revision of a spec', params: RevisionParams } },
    async ({ params: { id, revision } }) => {
      const view = await history.revision(id, revision);
      if (!view) throw new JamesError('not-found', `Spec ${id} has no revision ${revision}.`);
      return view;
    },
  );
}
