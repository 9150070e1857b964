import type { Client } from 'aedes';
import type { BusHooks } from './bus.ts';
import type { BrokerLimits } from './limits.ts';
import type { QuietLog } from './quiet-log.ts';
import { type Session, sessionOf } from './session.ts';

/** All connections: how many there may be, who is on them, and what the server is told of it. */
export interface Sessions {
  /** False if another connection of this address is too much at present. */
  hasRoom(address: string): boolean;
  add(session: Session): void;
  /** CONNECT has arrived. */
  spoke(session: Session): void;
  /** The client is authenticated and registered under its id. */
  registered(client: Client): void;
  /** Ends the connection of this client id, if there is one. */
  disconnect(clientId: string): Promise<void>;
  count(): number;
  /** Ends all connections; resolves when all are closed. */
  closeAll(): Promise<void>;
}

export interface SessionsOptions {
  hooks: Pick<BusHooks, 'connected' | 'disconnected'>;
  limits: BrokerLimits;
  log: QuietLog;
  /** A client that is closed already, of which the engine is to keep nothing. */
  forget(client: Client): void;
}

export function createSessions({ hooks, limits, log, forget }: SessionsOptions): Sessions {
  const all = new Set<Session>();
  const byId = new Map<string, Session>();
  /** Sockets without CONNECT, by address. */
  const silent = createTally();
  let closed = (): void => {};

  function tell(what: () => void): void {
    try {
      what();
    } catch (error) {
      log.warn('hook', { error }, 'A hook about a connection failed.');
    }
  }

  function end(session: Session, replaced: boolean): void {
    const { identity, client } = session;
    if (!session.announced || !identity) return;
    session.announced = false;
    tell(() => hooks.disconnected(identity, client.id, replaced));
  }

  function remove(session: Session): void {
    if (!session.spoke) silent.subtract(session.address);
    session.endWatch?.();
    all.delete(session);
    if (byId.get(session.client.id) === session) byId.delete(session.client.id);
    end(session, false);
    if (all.size === 0) closed();
  }

  return {
    hasRoom: (address) =>
      all.size < limits.connections && silent.of(address) < limits.silentPerAddress,
    add(session) {
      all.add(session);
      silent.add(session.address);
      session.client.conn.once('close', () => remove(session));
    },
    spoke(session) {
      if (!session.spoke) silent.subtract(session.address);
      session.spoke = true;
    },
    registered(client) {
      const session = sessionOf(client);
      const { identity } = session;
      if (client.closed || client.conn.destroyed || !identity) return forget(client);
      const former = byId.get(client.id);
      if (former) {
        end(former, true);
        former.client.conn.destroy();
      }
      byId.set(client.id, session);
      session.announced = true;
      tell(() => hooks.connected(identity, client.id));
    },
    async disconnect(clientId) {
      const conn = byId.get(clientId)?.client.conn;
      if (!conn || conn.destroyed) return;
      const closed = new Promise((resolve) => conn.once('close', resolve));
      conn.destroy();
      await closed;
    },
    count: () => all.size,
    async closeAll() {
      if (all.size === 0) return;
      const allClosed = new Promise<void>((resolve) => {
        closed = resolve;
      });
      for (const session of all) session.client.conn.destroy();
      await allClosed;
    },
  };
}

function createTally() {
  const counts = new Map<string, number>();
  return {
    of: (key: string): number => counts.get(key) ?? 0,
    add: (key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1),
    subtract(key: string): void {
      const left = (counts.get(key) ?? 0) - 1;
      if (left > 0) counts.set(key, left);
      else counts.delete(key);
    },
  };
}
