import Type from 'typebox';
import type { Enrolment } from '../../../proto/api.ts';
import type { Labels } from '../../../proto/labels.ts';
import type { Registry } from '../../registry/registry.ts';
import { SECRET_PATTERN } from '../../registry/secret.ts';
import type { Routes } from '../app.ts';
import { unauthenticated } from '../identity.ts';

/** Ids and labels are checked by the registry, whose errors say more than a schema's. */
const Body = Type.Object(
  {
    id: Type.String({ maxLength: 1024 }),
    labels: Type.Optional(Type.Record(Type.String(), Type.String())),
    secret: Type.Optional(Type.String({ pattern: SECRET_PATTERN })),
  },
  { additionalProperties: false },
);

/** `POST enrol`: a device gets its identity for a join token. */
export function enrolRoutes({ registry }: { registry: Pick<Registry, 'enrol'> }): Routes {
  return (app) => {
    app.post<{ Body: { id: string; labels?: Labels; secret?: string } }>(
      '/enrol',
      { config: { access: ['join'] }, schema: { summary: 'Enrol a device', body: Body } },
      async (request, reply): Promise<Enrolment> => {
        const { id, labels = {}, secret } = request.body;
        const token = bearerOf(request.headers.authorization);
        const enrolment = await registry.enrol({
          ...{ id, labels, token, peer: request.ip },
          ...(secret !== undefined && { secret }),
        });
        reply.code(201).header('cache-control', 'no-store');
        return enrolment;
      },
    );
  };
}

/** The token itself: using it up is part of enrolling. Authentication took it from the same header. */
function bearerOf(authorization: string | undefined): string {
  const [, token] = /^bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
  if (token === undefined) throw unauthenticated();
  return token;
}
