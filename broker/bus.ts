import type { Identity } from './core/identity.ts';

export type { Identity };

/**
 * The port to MQTT as the server sees it. The embedded broker fills it; an outside broker can take its place.
 */
export interface Bus {
  /** Opens the listeners. Rejects with JamesError `address-in-use`. */
  start(): Promise<BusAddress>;

  /**
   * Sends a message to all who subscribed. `retain` marks topics whose last message a late subscriber gets: topics of
   * the `RetainedSource` are only announced here (the source has the body), all others are kept in memory until an empty
   * payload clears them. Resolves when the message has been handed to every subscriber's connection or dropped; at most
   * a bounded number of deliveries is outstanding, further calls wait.
   */
  publish(message: BusMessage): Promise<void>;

  /** Ends a client's connection, if there is one. */
  disconnect(clientId: string): Promise<void>;

  /** Figures for metrics. */
  stats(): BusStats;

  /** Stops to accept, ends all connections, resolves when all is closed. */
  stop(): Promise<void>;
}

export interface BusMessage {
  topic: string;
  payload: Uint8Array;
  qos: 0 | 1;
  retain: boolean;
}

export interface BusAddress {
  /** `mqtt://HOST:PORT`, or null if there is no TCP listener. */
  mqtt: string | null;
}

export interface BusStats {
  connections: number;
  delivered: number;
  received: number;
  /** Connections cut because their reader was too slow. */
  slowConsumersCut: number;
  /** Connects refused or delayed by admission. */
  connectsDelayed: number;
  connectsRefused: number;
  oversizeCut: number;
  denied: number;
  retainedTopics: number;
}

/** What the server gives the bus. */
export interface BusHooks {
  /**
   * The identity that the credentials prove, or null. The bus binds the client id to it: a device's is its device id, an
   * operator's is put below its token. A rejection, or no answer in time, is `server unavailable` to the client.
   */
  authenticate(clientId: string, username: string, password: Uint8Array): Promise<Identity | null>;

  /**
   * Takes a message that a client published on a topic it may publish on. It is on disk when the promise resolves; only
   * then is it acknowledged and forwarded. A rejection ends the connection unless it is a JamesError: then the message
   * is acknowledged and dropped (a device that reports nonsense would otherwise send it for ever).
   */
  received(identity: Identity, message: BusMessage): Promise<void>;

  /** `clientId` is what `disconnect` takes: a device's id, or `token/TOKEN/CLIENT` for an operator. */
  connected(identity: Identity, clientId: string): void;
  /** Called once for each `connected`; `replaced` if the same client id connected anew. */
  disconnected(identity: Identity, clientId: string, replaced: boolean): void;
}

/** Retained messages that are derived from the store: asked by exact topic, on each subscribe. */
export interface RetainedSource {
  /** True if the last message of this topic is the source's; then `load` is asked and nothing is kept in memory. */
  owns(topic: string): boolean;
  /** The body to send, or undefined if there is none. */
  load(topic: string): Promise<Uint8Array | undefined> | Uint8Array | undefined;
}
