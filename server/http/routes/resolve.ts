import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { JamesError } from '../../../proto/errors.ts';
import { Id } from '../../../proto/ids.ts';
import { Labels, labelsProblem, parseLabels } from '../../../proto/labels.ts';
import { DeviceResolveRequest } from '../../../proto/lock.ts';
import type { Planner } from '../../planner/planner.ts';
import type { Routes } from '../app.ts';

const Name = Type.String({ minLength: 1, maxLength: 512 });
const ResolveBody = Type.Object(
  {
    device: Type.Optional(Id),
    labels: Type.Optional(Labels),
    names: Type.Optional(Type.Array(Name, { minItems: 1, maxItems: 1024 })),
    debug: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
type ResolveBody = Type.Static<typeof ResolveBody>;
const OfferQuery = Type.Object({
  name: Type.Optional(Name),
  search: Type.Optional(Name),
  device: Type.Optional(Id),
  labels: Type.Optional(Type.String({ maxLength: 65_536 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
});
type OfferQuery = Type.Static<typeof OfferQuery>;
const DebugBody = Type.Object(
  { mode: Type.Union(['on', 'off', 'toggle'].map((mode) => Type.Literal(mode))) },
  { additionalProperties: false },
);
type DebugBody = { mode: 'on' | 'off' | 'toggle' };

export interface ResolveRouteParts {
  planner: Pick<Planner, 'resolve' | 'resolveFor' | 'offers'>;
  /** Whether the resolver's steps go to the log. */
  debug: { get(): boolean; set(on: boolean): void };
}

const config = { access: ['operator'] } as const;

/** What the resolver answers people and devices, and what sources offer. */
export function resolveRoutes(parts: ResolveRouteParts): Routes {
  return (app) => {
    addResolve(app, parts);
    addOffers(app, parts);
    addDebug(app, parts);
  };
}

function addResolve(app: FastifyInstance, { planner }: ResolveRouteParts): void {
  app.post<{ Body: ResolveBody }>(
    '/resolve',
    {
      config,
      schema: {
        summary: 'Works out packages for a device or for labels; nothing is changed',
        body: ResolveBody,
      },
    },
    async ({ body }) => {
      if ((body.device === undefined) === (body.labels === undefined))
        throw new JamesError('bad-request', 'Give "device" or "labels", one of them.');
      requireLabels(body.labels);
      return planner.resolve(body);
    },
  );
  app.post<{ Params: { id: string }; Body: DeviceResolveRequest }>(
    '/devices/:id/resolve',
    {
      config: { access: ['own-device'] },
      schema: {
        summary: 'The lock, solved for what the device has installed',
        body: DeviceResolveRequest,
      },
    },
    async ({ params, body }, reply) =>
      reply.type('application/json').send(planner.resolveFor(params.id, body)),
  );
}

function requireLabels(labels: Labels | undefined): void {
  const problem = labels && labelsProblem(labels);
  if (problem) throw new JamesError('bad-labels', `Labels: ${problem}.`);
}

function addOffers(app: FastifyInstance, { planner }: ResolveRouteParts): void {
  app.get<{ Querystring: OfferQuery }>(
    '/packages',
    {
      config,
      schema: {
        summary: 'What sources offer under a name, or with a text in the name',
        querystring: OfferQuery,
      },
    },
    async ({ query: { name, search, device, labels, limit = 200 } }) => {
      if ((name === undefined) === (search === undefined))
        throw new JamesError('bad-request', 'Give "name" or "search", one of them.');
      const items = planner.offers({
        ...(name === undefined ? {} : { name }),
        ...(search === undefined ? {} : { search }),
        ...(device === undefined ? {} : { device }),
        ...(labels === undefined ? {} : { labels: parseLabels(labels) }),
        limit,
      });
      return { items, next: null };
    },
  );
}

function addDebug(app: FastifyInstance, { debug }: ResolveRouteParts): void {
  app.post<{ Body: DebugBody }>(
    '/resolver/debug',
    {
      config,
      schema: { summary: "Switches the resolver's steps in the server's log", body: DebugBody },
    },
    async ({ body: { mode } }) => {
      debug.set(mode === 'toggle' ? !debug.get() : mode === 'on');
      return { debug: debug.get() };
    },
  );
}
