import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { WebSocketStream } from './websocket-stream.ts';

/** Where MQTT over WebSocket lives on the HTTP port. */
export const WEBSOCKET_PATH = '/mqtt';
const SUBPROTOCOL = 'mqtt';

export interface WebSocketUpgrade {
  /** For the HTTP server's event `upgrade`: takes the socket, or answers why not and ends it. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export interface WebSocketUpgradeOptions {
  /** Largest frame in bytes. */
  frameBytes: number;
  hasRoom(address: string): boolean;
  accept(stream: Duplex, address: string): void;
}

/** MQTT over WebSocket (MQTT 3.1.1, section 6). Compression is off: it costs ten times the memory per connection. */
export function createWebSocketUpgrade(options: WebSocketUpgradeOptions): WebSocketUpgrade {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: options.frameBytes,
    handleProtocols: () => SUBPROTOCOL,
  });
  return {
    handleUpgrade(request, socket, head) {
      const address = request.socket.remoteAddress ?? '';
      const status =
        refusal(request) ?? (options.hasRoom(address) ? null : '503 Service Unavailable');
      if (status !== null) return refuse(socket, status);
      request.socket.setNoDelay(true);
      server.handleUpgrade(request, socket, head, (webSocket) => {
        options.accept(new WebSocketStream(webSocket), address);
      });
    },
  };
}

function refusal(request: IncomingMessage): string | null {
  const path = request.url?.split('?')[0];
  if (path !== WEBSOCKET_PATH) return '404 Not Found';
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',');
  // the client must offer it [MQTT-6.0.0-3]
  return offered.some((name) => name.trim() === SUBPROTOCOL) ? null : '400 Bad Request';
}

function refuse(socket: Duplex, status: string): void {
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
