import type { Server } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../proto/clock.ts';
import { JamesError } from '../../proto/errors.ts';
import type { Log } from '../../proto/log.ts';
import { type Address, formatAddress } from '../address.ts';
import { createConnections } from './connections.ts';

export interface HttpServerOptions {
  app: FastifyInstance;
  address: Address;
  clock: Clock;
  log: Log;
  /** Aborted when the server stops: whoever holds a long poll answers it then. */
  stopping: AbortController;
  /** How long answers under way may take at a stop, 10 s by default. */
  graceMs?: number;
}

export interface HttpServer {
  /** Listens; the URL under which it is reached. Throws `address-in-use`. */
  start(): Promise<string>;
  /**
   * Takes nothing new, lets answers under way end, and cuts what does not end in time. Connections that became
   * WebSockets are cut at once: whoever has them ends them before.
   */
  stop(): Promise<void>;
  /** For the upgrade to WebSocket. */
  server: Server;
}

/** The app on an address. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { app, address, clock, log, stopping } = options;
  const connections = createConnections(app.server, stopping.signal);

  return {
    server: app.server as Server,
    async start() {
      try {
        await app.listen({ host: address.host, port: address.port });
      } catch (error) {
        throw translate(error, address);
      }
      const bound = app.server.address();
      const port = typeof bound === 'object' && bound ? bound.port : address.port;
      return `http://${formatAddress({ host: reachable(address.host), port })}`;
    },
    async stop() {
      stopping.abort();
      const cancel = clock.after(options.graceMs ?? 10_000, () => {
        log.warn({ connections: connections.count() }, 'Cutting connections that did not end.');
        connections.cut();
      });
      await app.close();
      cancel();
    },
  };
}

/** A host that can be dialled, for one that means all addresses. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

function translate(error: unknown, address: Address): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const where = formatAddress(address);
  if (code === 'EADDRINUSE') {
    const detail = `${where} is taken by another program; stop it, or choose another address with --http.`;
    return new JamesError('address-in-use', detail, { cause: error });
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    const detail = `The server cannot listen on ${where} (${code}); choose another address with --http.`;
    return new JamesError('bad-config', detail, { cause: error });
  }
  return error;
}
