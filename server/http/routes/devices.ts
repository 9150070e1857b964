import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { DevicePatch, DeviceView, Page } from '../../../proto/api.ts';
import { ListQuery } from '../../../proto/api.ts';
import { JamesError } from '../../../proto/errors.ts';
import type { Labels } from '../../../proto/labels.ts';
import { Phase } from '../../../proto/reported.ts';
import { parseSelector } from '../../../proto/selector.ts';
import { refuseUnconfirmed } from '../../documents/guard.ts';
import type { Events } from '../../events/events.ts';
import type { Planner } from '../../planner/planner.ts';
import { listDevices } from '../../registry/list-devices.ts';
import type { Registry } from '../../registry/registry.ts';
import type { Routes } from '../app.ts';
import { addAsking } from './device-asking.ts';
import { actorOfRequest, type One, requireDevice, viewOf } from './one-device.ts';

export interface DeviceRouteParts {
  registry: Registry;
  planner: Pick<
    Planner,
    'desiredOf' | 'impactOfLabels' | 'approveRemoval' | 'retry' | 'refresh' | 'settled'
  >;
  events: Events;
  /** The identity of the store's lineage. */
  epoch: string;
  /** A change that takes something from more than this part of the fleet must be confirmed; 20 by default. */
  guardPercent?: number;
}

const DEFAULT_GUARD_PERCENT = 20;
const MAX_APPROVAL_S = 7 * 24 * 3600;

const Query = Type.Object({
  ...ListQuery.properties,
  selector: Type.Optional(Type.String({ maxLength: 8192 })),
  phase: Type.Optional(Phase),
});
const PatchQuery = Type.Object({ confirmRemovals: Type.Optional(Type.Integer({ minimum: 0 })) });
const ApproveQuery = Type.Object({
  within: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_APPROVAL_S })),
});
const Patch = Type.Object(
  { labels: Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()])) },
  { additionalProperties: false },
);

/** `devices` and `devices/{id}`, with the approvals that only a person can give. */
export function deviceRoutes(parts: DeviceRouteParts): Routes {
  return (app) => {
    addReading(app, parts);
    addChanging(app, parts);
    addApproving(app, parts);
    addAsking(app, parts);
  };
}

function addReading(app: FastifyInstance, parts: DeviceRouteParts): void {
  app.get<{ Querystring: Type.Static<typeof Query> }>(
    '/devices',
    { config: { access: ['operator'] }, schema: { summary: 'List devices', querystring: Query } },
    async ({ query }): Promise<Page<DeviceView>> => {
      const { selector, ...rest } = query;
      return listDevices(parts, { ...rest, selector: parseSelector(selector ?? '') });
    },
  );
  app.get<One>(
    '/devices/:id',
    { config: { access: ['operator', 'own-device'] }, schema: { summary: 'A device' } },
    async ({ params, identity }) => {
      // A device asks what became of its report, whose labels may have to be planned for.
      if (identity?.kind === 'device') await parts.planner.settled();
      return viewOf(parts, params.id);
    },
  );
}

function addChanging(app: FastifyInstance, parts: DeviceRouteParts): void {
  const { registry } = parts;
  app.patch<One & { Body: DevicePatch; Querystring: Type.Static<typeof PatchQuery> }>(
    '/devices/:id',
    {
      config: { access: ['operator'] },
      schema: { summary: 'Set operator labels', body: Patch, querystring: PatchQuery },
    },
    async (request) => {
      const { id } = request.params;
      await registry.relabel({
        id,
        labels: request.body.labels,
        actor: actorOfRequest(request),
        check: (operator) => guard(parts, id, operator, request.query.confirmRemovals),
      });
      return viewOf(parts, id);
    },
  );
  app.delete<One>(
    '/devices/:id',
    { config: { access: ['operator'] }, schema: { summary: 'Remove a device' } },
    async (request, reply) => {
      await registry.remove(request.params.id, actorOfRequest(request));
      return reply.code(204).send();
    },
  );
}

function addApproving(app: FastifyInstance, parts: DeviceRouteParts): void {
  const { registry, planner, events } = parts;
  app.post<One & { Querystring: Type.Static<typeof ApproveQuery> }>(
    '/devices/:id/approve',
    {
      config: { access: ['operator'] },
      schema: {
        summary: 'Open the id for one new enrolment, within an hour or the given seconds',
        querystring: ApproveQuery,
      },
    },
    async (request) => {
      const { id } = request.params;
      const { within } = request.query;
      const ms = within === undefined ? undefined : within * 1000;
      await registry.approve(id, actorOfRequest(request), ms);
      return viewOf(parts, id);
    },
  );
  app.post<One>(
    '/devices/:id/approve-removal',
    { config: { access: ['operator'] }, schema: { summary: 'Carry out a held removal' } },
    async (request) => {
      const { id } = request.params;
      requireDevice(registry, id);
      if (!(await planner.approveRemoval(id))) {
        throw new JamesError('no-removal-pending', `No removal is held on device "${id}".`);
      }
      events.add({ kind: 'removal-approved', actor: actorOfRequest(request), subject: id });
      return viewOf(parts, id);
    },
  );
}

/** Refuses operator labels that remove too much, until the number of removals is confirmed. */
function guard(
  { planner, registry, guardPercent = DEFAULT_GUARD_PERCENT }: DeviceRouteParts,
  id: string,
  operator: Labels,
  confirmed: number | undefined,
): void {
  const devices = registry.size();
  refuseUnconfirmed(planner.impactOfLabels(id, operator), {
    devices,
    percent: guardPercent,
    confirmed,
  });
}
