import { readFigures } from './figures.ts';
import { createApp } from './http/app.ts';
import { createAuthenticate } from './http/authenticate.ts';
import { createHttpServer, type HttpServer } from './http/http-server.ts';
import { createMetrics } from './http/metrics.ts';
import { computeRoutes } from './http/routes/compute.ts';
import { configurationRoutes } from './http/routes/configuration.ts';
import { deviceStateRoutes } from './http/routes/device-state.ts';
import { deviceRoutes } from './http/routes/devices.ts';
import { documentRoutes } from './http/routes/documents.ts';
import { enrolRoutes } from './http/routes/enrol.ts';
import { eventRoutes } from './http/routes/events.ts';
import { explainRoutes } from './http/routes/explain.ts';
import { generationRoutes } from './http/routes/generations.ts';
import { healthRoutes } from './http/routes/health.ts';
import { lockRoutes } from './http/routes/locks.ts';
import { packetRoutes } from './http/routes/packets.ts';
import { pageRoutes } from './http/routes/page.ts';
import { resolveRoutes } from './http/routes/resolve.ts';
import { secretRoutes } from './http/routes/secrets.ts';
import { sourceFileRoutes } from './http/routes/source-files.ts';
import { sourceRefreshRoutes } from './http/routes/source-refresh.ts';
import { sourceRenderRoutes } from './http/routes/source-render.ts';
import { specLockRoutes } from './http/routes/spec-locks.ts';
import { tokenRoutes } from './http/routes/tokens.ts';
import type { Parts } from './parts.ts';

export interface HttpInterfaceOptions {
  parts: Parts;
  ready: () => boolean;
  /** The folder of the page that `/` shows. */
  page: string;
  version: string;
}

/** An answer waits so long for the planner to follow a change, in ms; then it comes all the same. */
const SETTLE_MS = 5_000;

/** The routes over the parts of the server, with MQTT over WebSocket on the same port. */
export function createHttpInterface({
  parts,
  ready,
  page,
  version,
}: HttpInterfaceOptions): HttpServer {
  const { config, clock, log, registry, tokens, planner, specs, history, configuration, events } =
    parts;
  const { packets, sources, secrets, blobs, bus, epoch } = parts;
  const authenticate = createAuthenticate({
    clock,
    verifyToken: (token) => tokens.verify(token),
    verifyDevice: (id, secret) => registry.isSecret(id, secret),
  });
  const metrics = createMetrics(() => readFigures(parts));
  const { maxPacketBytes, maxBodyBytes, removalPercent } = config;
  const settled = () => Promise.race([planner.settled(), clock.sleep(SETTLE_MS)]);
  const app = createApp({
    log,
    clock,
    authenticate,
    metrics,
    settled,
    maxBodyBytes,
    version,
    routes: [
      packetRoutes({ library: packets, blobs, maxPacketBytes, deviceMayRead: planner.wants }),
      documentRoutes({ documents: specs, history, configuration }),
      documentRoutes({ documents: sources, history, configuration }),
      generationRoutes({ history, configuration }),
      configurationRoutes(configuration),
      specLockRoutes(planner),
      lockRoutes(planner),
      resolveRoutes({ planner, debug: parts.resolverLog }),
      computeRoutes(planner),
      explainRoutes(planner),
      deviceRoutes({ registry, planner, events, epoch, guardPercent: removalPercent }),
      deviceStateRoutes({ registry, planner, bus, log }),
      enrolRoutes({ registry }),
      eventRoutes({ events }),
      secretRoutes({ secrets, events, deviceMayRead: planner.wantsSecret }),
      sourceRefreshRoutes({
        ...{ catalogue: parts.catalogue, sources, clock, settled },
        readFiles: parts.sourceFiles.read,
      }),
      sourceFileRoutes(parts.sourceFiles),
      sourceRenderRoutes({
        kinds: parts.kinds,
        labelsOf: (device) => registry.get(device)?.labels,
        appliedTo: planner.sourcesOf,
      }),
      tokenRoutes({ tokens }),
    ],
    openRoutes: [healthRoutes({ metrics, authenticate, ready }), pageRoutes({ folder: page })],
  });
  const http = createHttpServer({
    app,
    address: config.http,
    clock,
    log,
    stopping: new AbortController(),
  });
  http.server.on('upgrade', (request, socket, head) => bus.handleUpgrade(request, socket, head));
  return http;
}
