import { createServer, type Server, type Socket } from 'node:net';
import { JamesError } from '../proto/errors.ts';
import type { QuietLog } from './quiet-log.ts';

export interface TcpListener {
  /** Opens the port; the address as `mqtt://HOST:PORT`. Rejects with `address-in-use`. */
  start(): Promise<string>;
  /** Stops to accept. Connections that are open stay so. */
  stop(): void;
}

export interface TcpListenerOptions {
  host: string;
  port: number;
  /** Takes the connection, or destroys it. */
  accept(socket: Socket): void;
  log: QuietLog;
}

/** Connections that the kernel may keep for us; its own limit (somaxconn) may be lower. */
const BACKLOG = 8192;
const KEEP_ALIVE_MS = 60_000;

/** Listens for MQTT over TCP. */
export function createTcpListener({ host, port, accept, log }: TcpListenerOptions): TcpListener {
  const server = createServer(
    { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS },
    accept,
  );
  return {
    async start() {
      await listen(server, host, port);
      // such as no file descriptor left for one more connection: that one is lost, the others go on
      server.on('error', (error) =>
        log.warn('accept', { error }, 'Could not accept a connection.'),
      );
      return `mqtt://${addressOf(server)}`;
    },
    stop() {
      if (server.listening) server.close();
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      reject(error.code === 'EADDRINUSE' ? inUse(host, port) : error);
    };
    server.once('error', failed);
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.removeListener('error', failed);
      resolve();
    });
  });
}

const inUse = (host: string, port: number): JamesError =>
  new JamesError(
    'address-in-use',
    `The MQTT address ${host}:${port} is taken by another program: stop it, or choose another with --mqtt.`,
  );

function addressOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not a TCP address');
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `${host}:${address.port}`;
}
