import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { ListQuery } from '../../../proto/api.ts';
import { JamesError } from '../../../proto/errors.ts';
import { Id } from '../../../proto/ids.ts';
import { Credentials, type SecretView } from '../../../proto/secret.ts';
import type { Events } from '../../events/events.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import type { Routes } from '../app.ts';
import { requireIdentity } from '../identity.ts';
import { idCursor, limitOf, pageOf } from '../paging.ts';

export interface SecretRouteParts {
  secrets: Secrets;
  events: Pick<Events, 'add'>;
  /** True if the device's present desired state names the secret. */
  deviceMayRead: (device: string, name: string) => boolean;
}

const Params = Type.Object({ name: Id });
type Params = Type.Static<typeof Params>;
type Query = Type.Static<typeof ListQuery>;

/** `/secrets`: operators set, list and delete them but never see one; devices get those that they need. */
export function secretRoutes(parts: SecretRouteParts): Routes {
  return (app) => {
    addReading(app, parts);
    addChanging(app, parts);
  };
}

function addReading(app: FastifyInstance, { secrets, deviceMayRead }: SecretRouteParts): void {
  app.get<{ Querystring: Query }>(
    '/secrets',
    {
      config: { access: ['operator'] },
      schema: { summary: 'The names of secrets', querystring: ListQuery },
    },
    async ({ query }) => {
      const after = idCursor(query);
      const rest = secrets.list().filter(({ name }) => name > after);
      return pageOf(rest, limitOf(query), ({ name }) => name);
    },
  );
  app.get<{ Params: Params }>(
    '/secrets/:name',
    {
      config: { access: ['operator', 'device'] },
      schema: {
        summary: 'User and password for a device whose desired state names them; else the name',
        params: Params,
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const { identity } = requireIdentity(request);
      if (identity.kind !== 'device') return requireSecret(secrets, name);
      if (!deviceMayRead(identity.device, name))
        throw new JamesError('forbidden', "This device's desired state does not name this secret.");
      const credentials = secrets.get(name);
      if (!credentials) throw unknown(name);
      return reply.header('cache-control', 'no-store').send({ name, ...credentials });
    },
  );
}

function addChanging(app: FastifyInstance, { secrets, events }: SecretRouteParts): void {
  const config = { access: ['operator'] } as const;
  app.put<{ Params: Params; Body: Credentials }>(
    '/secrets/:name',
    { config, schema: { summary: 'Sets a secret', params: Params, body: Credentials } },
    async (request, reply) => {
      const { name } = request.params;
      const isNew = secrets.get(name) === undefined;
      await secrets.put(new Map([[name, request.body]]));
      const { actor } = requireIdentity(request);
      events.add({ kind: 'secret-set', actor, subject: name });
      return reply.code(isNew ? 201 : 200).send(requireSecret(secrets, name));
    },
  );
  app.delete<{ Params: Params }>(
    '/secrets/:name',
    { config, schema: { summary: 'Deletes a secret', params: Params } },
    async (request, reply) => {
      const { name } = request.params;
      if (!(await secrets.delete(name))) throw unknown(name);
      const { actor } = requireIdentity(request);
      events.add({ kind: 'secret-deleted', actor, subject: name });
      return reply.code(204).send();
    },
  );
}

/** What a person may know of it. */
function requireSecret(secrets: Secrets, name: string): SecretView {
  const view = secrets.list().find((one) => one.name === name);
  if (view) return view;
  throw unknown(name);
}

function unknown(name: string): JamesError {
  return new JamesError('not-found', `There is no secret ${name}.`);
}
