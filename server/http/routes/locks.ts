import Type from 'typebox';
import { JamesError } from '../../../proto/errors.ts';
import { Digest } from '../../../proto/ids.ts';
import type { Planner } from '../../planner/planner.ts';
import type { Routes } from '../app.ts';
import { requireIdentity } from '../identity.ts';
import { noneMatchNames } from '../prefer.ts';

const Params = Type.Object({ digest: Digest });
type Params = Type.Static<typeof Params>;

/** `/locks`: the exact packages of devices. A device reads the one that its desired state names. */
export function lockRoutes(planner: Pick<Planner, 'lock' | 'wantsLock'>): Routes {
  return (app) => {
    app.get<{ Params: Params }>(
      '/locks/:digest',
      {
        config: { access: ['operator', 'device'] },
        schema: { summary: 'The packages of devices, by the digest of the lock', params: Params },
      },
      async (request, reply) => {
        const { digest } = request.params;
        const { identity } = requireIdentity(request);
        if (identity.kind === 'device' && !planner.wantsLock(identity.device, digest))
          throw new JamesError('forbidden', "This device's desired state does not name this lock.");
        const text = await planner.lock(digest);
        if (text === undefined)
          throw new JamesError('not-found', 'There is no lock with this digest.');
        const etag = `"${digest}"`;
        reply.header('etag', etag).header('cache-control', 'private, max-age=31536000, immutable');
        if (noneMatchNames(request.headers['if-none-match'], etag)) return reply.code(304).send();
        return reply.type('application/json').send(text);
      },
    );
  };
}
