import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Counters } from './counters.ts';
import type { Engine } from './engine.ts';
import type { BrokerLimits } from './limits.ts';
import { createPacketSizeLimit } from './packet-size.ts';
import type { QuietLog } from './quiet-log.ts';
import { attachSession } from './session.ts';
import type { Sessions } from './sessions.ts';
import { createTcpListener } from './tcp-listener.ts';
import { createWebSocketUpgrade, type WebSocketUpgrade } from './websocket-upgrade.ts';

/** All ways in: TCP, and WebSocket on somebody else's HTTP server. */
export interface Doors extends WebSocketUpgrade {
  /** The address of the TCP listener, or null if there is none. Rejects with `address-in-use`. */
  start(): Promise<string | null>;
  /** Takes no further connections. */
  stop(): void;
}

export interface DoorsOptions {
  engine: Engine;
  sessions: Sessions;
  tcp: { host: string; port: number } | null;
  limits: BrokerLimits;
  counters: Counters;
  log: QuietLog;
}

export function openDoors({ engine, sessions, tcp, limits, counters, log }: DoorsOptions): Doors {
  let stopped = false;
  const limitPacketSize = createPacketSizeLimit(limits.packetBytes, (client) => {
    counters.oversizeCut++;
    log.warn(
      'oversize',
      { client: client.id },
      'Cut a connection: it announced too large a packet.',
    );
  });

  function hasRoom(address: string): boolean {
    if (!stopped && sessions.hasRoom(address)) return true;
    log.warn('no-room', { address }, 'Refused a connection: there are too many.');
    return false;
  }

  function accept(stream: Duplex, address: string): void {
    const client = engine.handle(stream);
    limitPacketSize(client);
    sessions.add(attachSession(client, address));
  }

  function acceptTcp(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    if (hasRoom(address)) accept(socket, address);
    else socket.destroy();
  }

  const listener = tcp && createTcpListener({ ...tcp, accept: acceptTcp, log });
  const webSocket = createWebSocketUpgrade({
    // a frame may carry several packets
    frameBytes: 4 * limits.packetBytes,
    hasRoom,
    accept,
  });
  return {
    start: async () => (listener ? await listener.start() : null),
    stop() {
      stopped = true;
      listener?.stop();
    },
    handleUpgrade: webSocket.handleUpgrade,
  };
}
