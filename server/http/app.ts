import type { IncomingMessage } from 'node:http';
import fastify, {
  type FastifyInstance,
  type FastifyPluginCallback,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import type { Clock } from '../../proto/clock.ts';
import { JamesError } from '../../proto/errors.ts';
import type { Log } from '../../proto/log.ts';
import type { Authenticate } from './authenticate.ts';
import { answerClientError } from './client-error.ts';
import { mayAccess, unauthenticated } from './identity.ts';
import { readJsonBody } from './json-body.ts';
import { createKnownRoutes, type KnownRoutes } from './known-routes.ts';
import type { Metrics } from './metrics.ts';
import { registerOpenApi } from './openapi.ts';
import { sendProblem } from './problem.ts';
import { addSecurityHeaders } from './security-headers.ts';
import { closeUnread } from './unread-body.ts';
import { compileValidator } from './validation.ts';

/** Adds routes to an app. What they need was given to the function that made them. */
export type Routes = (app: FastifyInstance) => void;

export interface AppOptions {
  log: Log;
  clock: Clock;
  authenticate: Authenticate;
  /** Routes below `/v1`; each says in `config.access` who may use it. */
  routes: readonly Routes[];
  /** Routes outside `/v1`, open to everybody: the page, health. */
  openRoutes?: readonly Routes[];
  /** Measures every answer. */
  metrics?: Pick<Metrics, 'observe'>;
  /** Bytes of a JSON body, 4 MiB by default. */
  maxBodyBytes?: number;
  /** Resolves when what an operator changed has come to the devices' desired states; the answer waits for it. */
  settled?: () => Promise<void>;
  /** Shown in the OpenAPI document. */
  version?: string;
}

/** A JSON body must be complete within this time. */
const MAX_BODY_MS = 60_000;
/** A connection on which nothing moves is cut; longer than the longest long poll (300 s). */
const IDLE_MS = 360_000;

/**
 * The HTTP interface: authentication below `/v1`, JSON bodies without duplicate keys, checks by schema, errors as
 * problem documents (RFC 9457), the OpenAPI document. The caller listens and closes.
 */
export function createApp(options: AppOptions): FastifyInstance {
  const { log } = options;
  const app = fastify({
    logger: false,
    connectionTimeout: IDLE_MS,
    keepAliveTimeout: 75_000,
    http: {
      headersTimeout: 20_000,
      // how often the time above is looked at
      connectionsCheckingInterval: 5000,
      maxHeaderSize: 16 * 1024,
    },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { maxParamLength: 512 },
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => {
      guard(options, request)
        .then(() => sendProblem(reply, error, log))
        .catch((refusal) => sendProblem(reply, refusal, log));
    },
  });
  const known = createKnownRoutes(app);
  app.decorateRequest('identity', null);
  app.setValidatorCompiler(compileValidator);
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  // Not closed at once, as fastify would after a refused body: that resets the connection of a client that is still
  // sending, and the answer with it.
  app.setErrorHandler((error, _request, reply) =>
    sendProblem(reply.removeHeader('connection'), error, log),
  );
  app.setNotFoundHandler((request, reply) => answerUnknown(known, request, reply, log));
  addHooks(app, options);
  options.metrics?.observe(app);
  parseJsonBodies(app, options);
  registerOpenApi(app, options.version ?? '0');
  for (const routes of options.routes) add(app, routes, '/v1');
  for (const routes of options.openRoutes ?? []) add(app, routes, '');
  return app;
}

function add(app: FastifyInstance, routes: Routes, prefix: string): void {
  const plugin: FastifyPluginCallback = (scope, _options, done) => {
    try {
      routes(scope);
      done();
    } catch (error) {
      done(error as Error);
    }
  };
  app.register(plugin, { prefix });
}

function addHooks(app: FastifyInstance, options: AppOptions): void {
  app.addHook('onRoute', ({ url, config, method }) => {
    if (isApi(url) && !config?.access)
      throw new Error(`${method} ${url} does not say who may use it`);
  });
  app.addHook('onRequest', async (request, reply) => {
    addSecurityHeaders(reply, isBelowApi(request));
    await guard(options, request);
  });
  app.addHook('onSend', async (request, reply) => {
    const isChange = request.method !== 'GET' && request.method !== 'HEAD';
    if (isChange && request.identity?.kind === 'operator' && reply.statusCode < 300)
      await options.settled?.();
  });
  // A client that asked first (RFC 9110, 10.1.1) sends its body only now, when it is known to be welcome.
  app.addHook('preParsing', async (request, reply) => {
    if (request.headers.expect) reply.raw.writeContinue();
  });
  app.addHook('onResponse', async (request, reply) => {
    closeUnread(request.raw, options.clock);
    // the route, not the address as it was sent: what is in that may be a secret
    const route = request.routeOptions.url ?? null;
    const fields = { method: request.method, route, status: reply.statusCode };
    options.log.debug({ ...fields, ms: Math.round(reply.elapsedTime) }, 'Answered.');
  });
  app.server.on('checkContinue', (request, response) => app.routing(request, response));
}

/** Lets a request below `/v1` pass if its credentials are right and its route allows them; else throws. */
async function guard(options: AppOptions, request: FastifyRequest): Promise<void> {
  if (!isBelowApi(request)) return;
  const identity = await options.authenticate(request.headers.authorization, request.ip);
  if (!identity) throw unauthenticated();
  request.identity = identity;
  const access = request.routeOptions?.config?.access;
  const { id } = (request.params ?? {}) as { id?: string };
  if (access && !mayAccess(identity, access, id)) {
    throw new JamesError('forbidden', 'These credentials are valid, but not for this.');
  }
}

/** By the route that was found, and by the address as it was sent: an unknown one has no route. */
function isBelowApi(request: FastifyRequest): boolean {
  return isApi(request.routeOptions?.url ?? '') || isApi(request.raw.url ?? '');
}

function isApi(url: string): boolean {
  return /^\/v1(?:[/?#]|$)/.test(url);
}

function parseJsonBodies(app: FastifyInstance, options: AppOptions): void {
  const limits = { maxBytes: options.maxBodyBytes ?? 4 * 1024 * 1024, maxMs: MAX_BODY_MS };
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    /^application\/([\w.-]+\+)?json\b/,
    (request: FastifyRequest, payload: IncomingMessage) =>
      readJsonBody(payload, request.headers['content-length'], limits, options.clock),
  );
}

function answerUnknown(
  known: KnownRoutes,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Log,
): FastifyReply {
  const path = request.url.split('?')[0] ?? '';
  const methods = known.methodsAt(path);
  if (methods.length === 0) {
    return sendProblem(
      reply,
      new JamesError('not-found', `There is no ${path.slice(0, 200)}.`),
      log,
    );
  }
  const allow = [...methods, 'OPTIONS'].join(', ');
  reply.header('allow', allow);
  if (request.method === 'OPTIONS') return reply.code(204).send();
  const detail = `${request.method} is not possible here; ${allow} are.`;
  return sendProblem(reply, new JamesError('method-not-allowed', detail), log);
}
