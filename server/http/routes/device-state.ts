import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Bus } from '../../../broker/bus.ts';
import { JamesError } from '../../../proto/errors.ts';
import type { Log } from '../../../proto/log.ts';
import { deviceTopic } from '../../../proto/topics.ts';
import type { Planner } from '../../planner/planner.ts';
import type { Registry } from '../../registry/registry.ts';
import type { Routes } from '../app.ts';
import { noneMatchNames, waitPreference } from '../prefer.ts';

export interface DeviceStateParts {
  registry: Registry;
  planner: Pick<Planner, 'desiredOf' | 'document' | 'waitForChange'>;
  /** Reports that come over HTTP are published for those who watch the device. */
  bus: Pick<Bus, 'publish'>;
  log: Log;
}

/** A report may be this large over HTTP, in bytes. */
const MAX_REPORT_BYTES = 1024 * 1024;
/** A device that was just enrolled gets this long for its first plan. */
const FIRST_PLAN_MS = 5_000;

interface One {
  Params: { id: string };
}

/** `devices/{id}/desired` and `devices/{id}/reported`: what an agent needs when MQTT cannot be used. */
export function deviceStateRoutes(parts: DeviceStateParts): Routes {
  return (app) => {
    addDesired(app, parts);
    addReported(app, parts);
  };
}

function addDesired(app: FastifyInstance, parts: DeviceStateParts): void {
  const waiting = new Set<AbortController>();
  let stopping = false;
  app.addHook('preClose', async () => {
    stopping = true;
    for (const wait of waiting) wait.abort();
  });
  app.get<One>(
    '/devices/:id/desired',
    {
      config: { access: ['operator', 'own-device'] },
      schema: { summary: 'The desired document; waits for a change with "Prefer: wait=N"' },
    },
    async (request, reply) => {
      const left = present(parts.registry, request);
      const wait = new AbortController();
      const gone = (): void => wait.abort();
      waiting.add(wait);
      request.raw.socket.once('close', gone);
      try {
        return await answerDesired(parts, request, reply, {
          signal: wait.signal,
          stopping: () => stopping,
        });
      } finally {
        left();
        request.raw.socket.off('close', gone);
        waiting.delete(wait);
      }
    },
  );
}

interface Ending {
  signal: AbortSignal;
  stopping: () => boolean;
}

async function answerDesired(
  { planner, registry }: DeviceStateParts,
  request: FastifyRequest<One>,
  reply: FastifyReply,
  ending: Ending,
): Promise<FastifyReply> {
  const { id } = request.params;
  const seconds = waitPreference(request.headers.prefer);
  const known = request.headers['if-none-match'];
  if (seconds !== null) reply.header('preference-applied', `wait=${seconds}`);
  let found = await desiredNow(planner, id);
  if (!found) {
    await planner.waitForChange(id, '', FIRST_PLAN_MS, ending.signal);
    found = await desiredNow(planner, id);
  }
  if (found && seconds && noneMatchNames(known, found.etag)) {
    const changed = await planner.waitForChange(id, found.etag, seconds * 1000, ending.signal);
    if (changed) found = await desiredNow(planner, id);
    else if (ending.stopping()) throw stopped();
  }
  requireDevice(registry, id);
  if (!found) throw stopped();
  reply.header('etag', found.etag).header('cache-control', 'private, no-cache');
  if (noneMatchNames(known, found.etag)) return reply.code(304).send();
  return reply.type('application/json').send(found.bytes);
}

async function desiredNow(
  planner: DeviceStateParts['planner'],
  id: string,
): Promise<{ bytes: Buffer; etag: string } | undefined> {
  const bytes = await planner.document(id);
  const point = planner.desiredOf(id);
  return bytes && point && { bytes: Buffer.from(bytes), etag: point.etag };
}

function stopped(): JamesError {
  return new JamesError('unavailable', 'The server has no answer at the moment; ask again.');
}

/** A device that asks for itself is online until the returned function is called, and a little longer. */
function present(registry: Registry, request: FastifyRequest<One>): () => void {
  const { id } = request.params;
  requireDevice(registry, id);
  return request.identity?.kind === 'device' ? registry.presence.waiting(id) : () => {};
}

function requireDevice(registry: Registry, id: string): void {
  if (registry.get(id)) return;
  throw new JamesError('not-found', `There is no device ${JSON.stringify(id.slice(0, 128))}.`);
}

function addReported(app: FastifyInstance, parts: DeviceStateParts): void {
  const { registry, bus, log } = parts;
  app.put<One>(
    '/devices/:id/reported',
    {
      config: { access: ['own-device'] },
      schema: { summary: 'What the device says it has; 204 when it is on disk' },
    },
    async (request, reply) => {
      const { id } = request.params;
      const payload = Buffer.from(JSON.stringify(request.body ?? null));
      if (payload.length > MAX_REPORT_BYTES) {
        throw new JamesError('too-large', `A report has at most ${MAX_REPORT_BYTES} bytes.`);
      }
      registry.presence.heard(id);
      if (await registry.reports.received(id, payload)) {
        bus
          .publish({ topic: deviceTopic(id, 'reported'), payload, qos: 1, retain: true })
          .catch((error: unknown) =>
            log.warn({ err: error, device: id }, 'a report was not published'),
          );
      }
      return reply.code(204).send();
    },
  );
}
