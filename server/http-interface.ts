import type { AddressInfo } from 'node:net';
import { JamesError } from '../proto/errors.ts';
import { type Address, formatAddress } from './address.ts';
import { readFigures } from './figures.ts';
import { createApp } from './http/app.ts';
import { createAuthenticate } from './http/authenticate.ts';
import { createMetrics } from './http/metrics.ts';
import { computeRoutes } from './http/routes/compute.ts';
import { configurationRoutes } from './http/routes/configuration.ts';
import { deviceStateRoutes } from './http/routes/device-state.ts';
import { deviceRoutes } from './http/routes/devices.ts';
import { enrolRoutes } from './http/routes/enrol.ts';
import { eventRoutes } from './http/routes/events.ts';
import { explainRoutes } from './http/routes/explain.ts';
import { generationRoutes } from './http/routes/generations.ts';
import { healthRoutes } from './http/routes/health.ts';
import { packetRoutes } from './http/routes/packets.ts';
import { pageRoutes } from './http/routes/page.ts';
import { specRoutes } from './http/routes/specs.ts';
import { tokenRoutes } from './http/routes/tokens.ts';
import type { Parts } from './parts.ts';

export interface HttpInterfaceOptions {
  parts: Parts;
  ready: () => boolean;
  /** The folder of the page that `/` shows. */
  page: string;
  version: string;
}

export interface HttpInterface {
  /** Listens; gives the URL. Throws JamesError `address-in-use`. */
  start(address: Address): Promise<string>;
  /** Ends long polls and open connections, within a limit. */
  stop(): Promise<void>;
}

/** The routes over the parts of the server, with MQTT over WebSocket on the same port. */
export function createHttpInterface({
  parts,
  ready,
  page,
  version,
}: HttpInterfaceOptions): HttpInterface {
  const { config, clock, log, registry, tokens, planner, specs, history, configuration, events } =
    parts;
  const { packets, blobs, bus, epoch } = parts;
  const authenticate = createAuthenticate({
    clock,
    verifyToken: (token) => tokens.verify(token),
    verifyDevice: (id, secret) => registry.isSecret(id, secret),
  });
  const metrics = createMetrics(() => readFigures(parts));
  const { maxPacketBytes, maxBodyBytes, removalPercent } = config;
  const app = createApp({
    log,
    clock,
    authenticate,
    maxBodyBytes,
    version,
    routes: [
      packetRoutes({ library: packets, blobs, maxPacketBytes, deviceMayRead: planner.wants }),
      specRoutes({ specs, history, configuration }),
      generationRoutes({ history, configuration }),
      configurationRoutes(configuration),
      computeRoutes(planner),
      explainRoutes(planner),
      deviceRoutes({ registry, planner, events, epoch, guardPercent: removalPercent }),
      deviceStateRoutes({ registry, planner, bus, log }),
      enrolRoutes({ registry }),
      eventRoutes({ events }),
      tokenRoutes({ tokens }),
    ],
    openRoutes: [healthRoutes({ metrics, authenticate, ready }), pageRoutes({ folder: page })],
  });
  metrics.observe(app);
  app.server.on('upgrade', (request, socket, head) => bus.handleUpgrade(request, socket, head));

  return {
    async start(address) {
      await app.ready();
      await app.listen({ host: address.host, port: address.port, backlog: 8192 }).catch((error) => {
        throw listenError(error, address);
      });
      const { port } = app.server.address() as AddressInfo;
      return `http://${formatAddress({ host: address.host, port })}`;
    },
    stop: () => app.close(),
  };
}

function listenError(error: unknown, address: Address): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const shown = formatAddress(address);
  if (code === 'EADDRINUSE') {
    return new JamesError(
      'address-in-use',
      `${shown} is taken by another program. Choose another with --http.`,
    );
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new JamesError(
      'bad-config',
      `It is not possible to listen on ${shown} (${code}). Choose another with --http.`,
    );
  }
  return error;
}
