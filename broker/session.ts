import type { Client } from 'aedes';
import type { Identity } from './bus.ts';

/** One connection, from accept to close. */
export interface Session {
  readonly client: Client;
  readonly address: string;
  /** Null until the credentials are proved. */
  identity: Identity | null;
  /** The client id as the client wrote it. */
  clientId: string;
  /** The topic of the will in CONNECT. */
  willTopic: string | null;
  /** CONNECT broke a rule that aedes does not check. */
  malformed: boolean;
  /** CONNECT has arrived. */
  spoke: boolean;
  /** `connected` was told and `disconnected` was not. */
  announced: boolean;
  /** How many topics and filters it is subscribed to. */
  subscriptions: number;
  /** The packet identifier given last. */
  packetId: number;
  unacknowledged: number;
  /** State of the pace of its publishes. */
  publishesUsed: number;
  /** Settles when all earlier messages of this client are taken in. */
  receiving: Promise<unknown> | null;
  /** Ends the watch over a reader that is slow at present. */
  endWatch: (() => void) | null;
}

type ClientWithSession = Client & { session?: Session };

/** Makes the session of a client that was just accepted. */
export function attachSession(client: Client, address: string): Session {
  const session: Session = {
    client,
    address,
    identity: null,
    clientId: '',
    willTopic: null,
    malformed: false,
    spoke: false,
    announced: false,
    subscriptions: 0,
    packetId: 0,
    unacknowledged: 0,
    publishesUsed: 0,
    receiving: null,
    endWatch: null,
  };
  (client as ClientWithSession).session = session;
  return session;
}

/** The session of a client. Every client has one: they are made together. */
export function sessionOf(client: Client): Session {
  const { session } = client as ClientWithSession;
  if (!session) throw new Error('a client without a session');
  return session;
}

/** The next packet identifier, 1 to 65535 in turn [MQTT-2.3.1-1]. */
export function nextPacketId(session: Session): number {
  session.packetId = session.packetId >= 65_535 ? 1 : session.packetId + 1;
  return session.packetId;
}
