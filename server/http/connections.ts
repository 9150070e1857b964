import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface Connections {
  count(): number;
  /** Cuts all. */
  cut(): void;
}

/**
 * Follows a server's connections. When `stopping` is aborted, those that no answer is due on are cut, the others as soon
 * as their answer is out. (`Server.closeIdleConnections` spares those on which no request ever came.)
 */
export function createConnections(server: Server, stopping: AbortSignal): Connections {
  const sockets = new Set<Socket>();
  const busy = new Set<Socket>();

  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const follow = ({ socket }: IncomingMessage, response: ServerResponse): void => {
    busy.add(socket);
    response.once('close', () => {
      busy.delete(socket);
      if (stopping.aborted) socket.end();
    });
  };
  server.on('request', follow);
  server.on('checkContinue', follow);
  stopping.addEventListener('abort', () => {
    for (const socket of sockets) if (!busy.has(socket)) socket.destroy();
  });

  return {
    count: () => sockets.size,
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
