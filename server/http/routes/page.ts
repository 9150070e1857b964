import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { JamesError } from '../../../proto/errors.ts';
import type { Routes } from '../app.ts';

/**
 * The live page at `/`, open to everybody: it holds no data and asks for a token itself. `folder` is the built page
 * (`dist/dashboard`); one route per file is made, so unknown addresses stay unknown. Where the page is not part of the
 * installation, `/` says so.
 */
export function pageRoutes({ folder }: { folder: string }): Routes {
  return async (app: FastifyInstance) => {
    if (!existsSync(join(folder, 'index.html'))) {
      app.get('/', async () => {
        throw new JamesError(
          'not-found',
          'The page is not part of this installation; "npm run build" makes it. The API is below /v1.',
        );
      });
      return;
    }
    await app.register(fastifyStatic, {
      root: folder,
      wildcard: false,
      decorateReply: false,
      // Names are plain, so a browser asks each time; the entity tag spares the bytes.
      maxAge: 0,
    });
  };
}
