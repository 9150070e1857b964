import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { ListQuery } from '../../../proto/api.ts';
import { type DocumentOf, type Kind, readDocumentOf } from '../../../proto/document.ts';
import { JamesError } from '../../../proto/errors.ts';
import { Id, requireId } from '../../../proto/ids.ts';
import type { Configuration } from '../../documents/configuration.ts';
import type { DocumentSet } from '../../documents/document-set.ts';
import type { History } from '../../documents/history.ts';
import type { Routes } from '../app.ts';
import { idCursor, limitOf, numberCursor, pageOf } from '../paging.ts';
import { ChangeQuery, changeOptions } from './change-options.ts';
import { lists, refuseStale, requirePrecondition, revisionEtag } from './precondition.ts';

export interface DocumentRouteParts<K extends Kind> {
  documents: DocumentSet<K>;
  history: History;
  configuration: Configuration;
}

/** A kind's words in addresses and sentences. */
interface Words<K extends Kind> {
  kind: K;
  path: string;
  noun: string;
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
/** The document as it stands, as far as a precondition asks. */
type Current = { revision: number } | undefined;

const config = { access: ['operator'] } as const;

/** `/specs` or `/sources`: read, change with a precondition, history, return to an earlier revision. */
export function documentRoutes<K extends Kind>(parts: DocumentRouteParts<K>): Routes {
  const { kind } = parts.documents;
  const noun = kind.toLowerCase();
  const words = { kind, noun, path: `/${noun}s` };
  return (app) => {
    addReading(app, words, parts);
    addChanging(app, words, parts);
    addHistory(app, words, parts);
  };
}

function addReading<K extends Kind>(
  app: FastifyInstance,
  { path, noun }: Words<K>,
  { documents }: DocumentRouteParts<K>,
): void {
  app.get<{ Querystring: PageQuery }>(
    path,
    { config, schema: { summary: `All ${noun}s, by id`, querystring: ListQuery } },
    async ({ query }) => {
      const after = idCursor(query);
      const limit = limitOf(query);
      const rest = [...documents.all()].filter(({ id }) => id > after).sort(byId);
      return pageOf(rest, limit, ({ id }) => id);
    },
  );
  app.get<{ Params: IdParams }>(
    `${path}/:id`,
    { config, schema: { summary: `A ${noun}; the entity tag is its revision`, params: IdParams } },
    async ({ params, headers }, reply) => {
      const view = documents.get(params.id);
      if (!view) throw new JamesError('not-found', `There is no ${noun} ${params.id}.`);
      const { 'if-none-match': known } = headers;
      reply.header('etag', revisionEtag(view.revision));
      if (known !== undefined && lists(known, view)) return reply.code(304).send();
      return view;
    },
  );
}

function byId(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : 1;
}

function addChanging<K extends Kind>(
  app: FastifyInstance,
  words: Words<K>,
  { configuration }: DocumentRouteParts<K>,
): void {
  const { kind, path, noun } = words;
  app.put<{ Params: IdParams; Querystring: ChangeQuery }>(
    `${path}/:id`,
    {
      config,
      schema: {
        summary: `Makes a ${noun} (201) or, with If-Match, replaces it (200)`,
        params: IdParams,
        querystring: ChangeQuery,
        body: Type.Unknown({ description: `A ${noun}; its id is the one of the address.` }),
      },
    },
    async (request, reply) => {
      const document = readBody(words, request);
      const check = (current: Current): void => requirePrecondition(request.headers, current);
      const options = { ...changeOptions(request.identity, request.query), check };
      const { view, created } = await configuration.put(kind, document, options);
      return sendView(reply.code(created ? 201 : 200), view);
    },
  );
  app.delete<{ Params: IdParams; Querystring: ChangeQuery }>(
    `${path}/:id`,
    {
      config,
      schema: { summary: `Deletes a ${noun}`, params: IdParams, querystring: ChangeQuery },
    },
    async (request, reply) => {
      const check = (current: Current): void => refuseStale(request.headers, current);
      const options = { ...changeOptions(request.identity, request.query), check };
      await configuration.delete(kind, request.params.id, options);
      return reply.code(204).send();
    },
  );
  addRollback(app, words, configuration);
}

function addRollback<K extends Kind>(
  app: FastifyInstance,
  { kind, path, noun }: Words<K>,
  configuration: Configuration,
): void {
  app.post<{ Params: IdParams; Querystring: ChangeQuery; Body: RollbackBody }>(
    `${path}/:id/rollback`,
    {
      config,
      schema: {
        summary: `Makes a ${noun} what it was, as a new revision; 204 if it was deleted then`,
        params: IdParams,
        querystring: ChangeQuery,
        body: RollbackBody,
      },
    },
    async (request, reply) => {
      const { params, query, body, headers } = request;
      const check = (current: Current): void => refuseStale(headers, current);
      const options = { ...changeOptions(request.identity, query), check };
      const view = await configuration.rollback(kind, params.id, body.revision, options);
      return view ? sendView(reply, view) : reply.code(204).send();
    },
  );
}

/** The body as a document; its id has to be the one of the address. */
function readBody<K extends Kind>(
  { kind, noun }: Words<K>,
  request: FastifyRequest<{ Params: IdParams }>,
): DocumentOf[K] {
  const id = requireId(noun, request.params.id);
  const document = readDocumentOf(kind, request.body);
  if (document.id === id) return document;
  throw new JamesError(
    'bad-document',
    `The address names ${noun} ${id}, the document ${noun} ${document.id}. Make them agree.`,
  );
}

function sendView(reply: FastifyReply, view: { revision: number }): FastifyReply {
  return reply.header('etag', revisionEtag(view.revision)).send(view);
}

function addHistory<K extends Kind>(
  app: FastifyInstance,
  { kind, path, noun }: Words<K>,
  { history }: DocumentRouteParts<K>,
): void {
  app.get<{ Params: IdParams; Querystring: PageQuery }>(
    `${path}/:id/revisions`,
    {
      config,
      schema: {
        summary: `All revisions of a ${noun}, newest first, also of a deleted one`,
        params: IdParams,
        querystring: ListQuery,
      },
    },
    async ({ params, query }) => {
      const limit = limitOf(query);
      const page = { ...numberCursor(query), limit: limit + 1 };
      const revisions = await history.revisions(kind, params.id, page);
      if (revisions.length === 0 && query.cursor === undefined)
        throw new JamesError('not-found', `There never was a ${noun} ${params.id}.`);
      return pageOf(revisions, limit, ({ revision }) => revision);
    },
  );
  app.get<{ Params: RevisionParams }>(
    `${path}/:id/revisions/:revision`,
    { config, schema: { summary: `One revision of a ${noun}`, params: RevisionParams } },
    async ({ params: { id, revision } }) => {
      const view = await history.revision(kind, id, revision);
      if (view) return view;
      throw new JamesError('not-found', `${kind} ${id} has no revision ${revision}.`);
    },
  );
}
