import type { FastifyInstance } from 'fastify';
import { JamesError } from '../../../proto/errors.ts';
import type { Events } from '../../events/events.ts';
import type { Planner } from '../../planner/planner.ts';
import { actorOfRequest, type One, requireDevice, type ViewParts, viewOf } from './one-device.ts';

export interface AskingParts extends ViewParts {
  planner: Pick<Planner, 'desiredOf' | 'retry' | 'refresh'>;
  events: Events;
}

/** What a person can ask of a device itself; it does so when it next hears of its desired state. */
const asked = {
  retry: {
    kind: 'device-retried',
    summary: 'Try again what failed: the desired state as a new revision',
  },
  refresh: {
    kind: 'device-refreshed',
    summary:
      'Look again at what is installed: the desired state once more, with the time of the wish',
  },
} as const;

/** `devices/{id}/retry` and `devices/{id}/refresh`. */
export function addAsking(app: FastifyInstance, parts: AskingParts): void {
  const { registry, planner, events } = parts;
  for (const verb of ['retry', 'refresh'] as const) {
    const { kind, summary } = asked[verb];
    app.post<One>(
      `/devices/:id/${verb}`,
      { config: { access: ['operator'] }, schema: { summary } },
      async (request) => {
        const { id } = request.params;
        requireDevice(registry, id);
        if (!(await planner[verb](id))) throw notPlanned(id);
        const revision = planner.desiredOf(id)?.revision;
        const detail = `revision ${revision ?? 0}`;
        events.add({ kind, actor: actorOfRequest(request), subject: id, detail });
        return viewOf(parts, id);
      },
    );
  }
}

function notPlanned(id: string): JamesError {
  const detail = `Device "${id}" has no desired state yet; ask again in a moment.`;
  return new JamesError('unavailable', detail);
}
