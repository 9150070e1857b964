import type { EventEmitter } from 'node:events';
import { Aedes, type AedesOptions, type Client, type PublishPacket } from 'aedes';
import type { Authenticate } from './authenticate.ts';
import type { Inbound } from './inbound.ts';
import type { BrokerLimits } from './limits.ts';
import type { Persistence } from './persistence.ts';
import type { QuietLog } from './quiet-log.ts';
import type { Router } from './router.ts';
import { sessionOf } from './session.ts';
import type { Subscribing } from './subscribing.ts';

/** Where messages of clients go once they are taken in. */
type FromClient = (packet: PublishPacket) => void;
type Done = (error?: Error) => void;

/**
 * aedes speaks the protocol with each client: handshake, keep-alive, acknowledgements, subscriptions. Who gets which
 * message is the router's: aedes' emitter, its store and its `$SYS` messages are replaced by nothing.
 */
export class Engine extends Aedes {
  private readonly fromClient: FromClient;

  constructor(options: AedesOptions, fromClient: FromClient) {
    super(options);
    this.fromClient = fromClient;
  }

  /** aedes calls this for messages of clients, and for its `$SYS` messages, which nobody may see. */
  override publish(packet: PublishPacket, clientOrDone: Client | null | Done, done?: Done): void {
    const finished = typeof clientOrDone === 'function' ? clientOrDone : done;
    try {
      if (!packet.topic.startsWith('$')) this.fromClient(packet);
    } catch (error) {
      finished?.(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    finished?.();
  }

  /** Forgets a client that closed before it was registered; aedes would keep it for ever. */
  forget(client: Client): void {
    const aedes = this as unknown as {
      clients: Record<string, Client>;
      deleteClient(id: string): void;
    };
    if (aedes.clients[client.id] === client) aedes.deleteClient(client.id);
  }
}

export interface EngineOptions {
  gate: Authenticate;
  inbound: Inbound;
  router: Router;
  subscribing: Subscribing;
  /** A client is authenticated and has its id. */
  registered(client: Client): void;
  persistence: Persistence;
  limits: BrokerLimits;
  log: QuietLog;
}

export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { gate, inbound, router, subscribing } = options;
  const engine = new Engine(
    {
      ...settings(options.limits),
      persistence: options.persistence,
      preConnect: gate.preConnect,
      authenticate: gate.authenticate,
      authorizePublish: inbound.authorizePublish,
      authorizeSubscribe: subscribing.authorizeSubscribe,
    },
    (packet) => {
      const message = inbound.toForward(packet);
      if (message) router.route(message);
    },
  );
  engine.on('client', options.registered);
  engine.on('subscribe', subscribing.subscribed);
  engine.on('unsubscribe', subscribing.unsubscribed);
  engine.on('ack', (_packet, client) => acknowledged(client));
  logErrors(engine, options.log);
  await engine.listen();
  return engine;
}

const settings = (limits: BrokerLimits): AedesOptions => ({
  mq: silentEmitter,
  concurrency: 0,
  drainTimeout: limits.drainMs,
  connectTimeout: limits.connectMs,
  // it would publish for other nodes; four times this must fit into a timer
  heartbeatInterval: 2 ** 28,
  maxInflightInbound: 20,
  maxTopicLevels: 10,
  maxClientsIdLength: 128,
});

/** The router delivers; nobody listens here. */
const silentEmitter = {
  on: (_topic: string, _notify: unknown, done?: Done): void => done?.(),
  removeListener: (_topic: string, _notify: unknown, done?: Done): void => done?.(),
  emit: (_packet: unknown, done?: Done): void => done?.(),
  close: (done?: Done): void => done?.(),
};

function acknowledged(client: Client): void {
  const session = sessionOf(client);
  if (session.unacknowledged > 0) session.unacknowledged--;
}

function logErrors(engine: EventEmitter, log: QuietLog): void {
  const ended = (client: Client, error: Error): void =>
    log.debug(
      'connection',
      { client: client.id, error: error.message },
      'A connection ended with an error.',
    );
  engine.on('clientError', ended);
  engine.on('connectionError', ended);
  engine.on('error', (error: Error) =>
    log.warn('engine', { error }, 'The MQTT engine reported an error.'),
  );
}
