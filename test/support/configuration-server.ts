import type { FastifyInstance } from 'fastify';
import { computeRoutes } from '../../server/http/routes/compute.ts';
import { configurationRoutes } from '../../server/http/routes/configuration.ts';
import { documentRoutes } from '../../server/http/routes/documents.ts';
import { explainRoutes } from '../../server/http/routes/explain.ts';
import { generationRoutes } from '../../server/http/routes/generations.ts';
import { secretRoutes } from '../../server/http/routes/secrets.ts';
import { type ConfigurationWorld, createConfigurationWorld } from './configuration-world.ts';
import { asOperator, testApp } from './test-app.ts';

export interface Answer {
  status: number;
  body: Record<string, unknown>;
  etag: string | undefined;
}
export type Ask = (
  line: `${'GET' | 'PUT' | 'POST' | 'DELETE'} ${string}`,
  options?: { body?: unknown; headers?: Record<string, string> },
) => Promise<Answer>;

/** The routes of documents, configuration and secrets over a world; a device `d` needs the secret `source.a`. */
export async function server(
  options?: Parameters<typeof createConfigurationWorld>[0],
): Promise<{ world: ConfigurationWorld; app: FastifyInstance; ask: Ask }> {
  const world = await createConfigurationWorld(options);
  const { planner, configuration } = world;
  const app = testApp([
    documentRoutes({ ...world, documents: world.documents.specs }),
    documentRoutes({ ...world, documents: world.documents.sources }),
    generationRoutes(world),
    configurationRoutes(configuration),
    computeRoutes(planner),
    explainRoutes(planner),
    secretRoutes({
      secrets: world.secrets,
      events: { add: (event) => world.events.push(event) },
      deviceMayRead: (device, name) => device === 'd' && name === 'source.a',
    }),
  ]);
  const ask: Ask = async (line, { body, headers = {} } = {}) => {
    const [method = '', path = ''] = line.split(' ');
    const answer = await app.inject({
      method: method as 'GET',
      url: `/v1${path}`,
      headers: {
        ...asOperator,
        ...headers,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && {
        payload: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    });
    const etag = answer.headers.etag as string | undefined;
    return { status: answer.statusCode, body: answer.body === '' ? {} : answer.json(), etag };
  };
  return { world, app, ask };
}
