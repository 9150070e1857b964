import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';

/** `GET /v1/openapi.json`: the interface, described by the schemas that the routes check with. */
export function registerOpenApi(app: FastifyInstance, version: string): void {
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'jamesd',
        version,
        description: 'Errors are problem documents (RFC 9457) with a stable `code`.',
      },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer' },
          device: { type: 'http', scheme: 'basic' },
        },
      },
      security: [{ token: [] }, { device: [] }],
    },
  });
  app.register((scope, _options, done) => {
    scope.get(
      '/v1/openapi.json',
      { config: { access: ['operator', 'device'] }, schema: { summary: 'This document' } },
      async () => app.swagger(),
    );
    done();
  });
}
