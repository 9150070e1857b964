import type { FastifyInstance } from 'fastify';

export interface KnownRoutes {
  /** The methods that some route takes at this path, sorted; none if there is no such path. */
  methodsAt(path: string): string[];
}

/** Remembers every route that is added to `app` from now on, to tell "no such path" from "not this method". */
export function createKnownRoutes(app: FastifyInstance): KnownRoutes {
  const routes: { pattern: RegExp; methods: readonly string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    routes.push({ pattern: toPattern(url), methods: [method].flat() });
  });
  return {
    methodsAt(path) {
      const found = routes.filter(({ pattern }) => pattern.test(path));
      return [...new Set(found.flatMap(({ methods }) => methods))].sort();
    },
  };
}

function toPattern(url: string): RegExp {
  const escaped = url
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]+' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')))
    .join('/')
    .replaceAll('*', '.*');
  return new RegExp(`^${escaped}$`);
}
