import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../proto/clock.ts';
import type { Log } from '../proto/log.ts';
import { createAdmission } from './admission.ts';
import { createAuthenticate } from './authenticate.ts';
import type { Bus, BusHooks, RetainedSource } from './bus.ts';
import { newCounters } from './counters.ts';
import { createDelivery } from './delivery.ts';
import { type Doors, openDoors } from './doors.ts';
import { createEngine, type Engine } from './engine.ts';
import { createInbound } from './inbound.ts';
import { type BrokerLimits, defaultLimits } from './limits.ts';
import { createPersistence } from './persistence.ts';
import { createPublishWindow } from './publish-window.ts';
import { createQuietLog } from './quiet-log.ts';
import { createSessions, type Sessions } from './sessions.ts';

/** The embedded broker: the bus, and the door for MQTT over WebSocket. */
export interface Broker extends Bus {
  /** For the HTTP server's event `upgrade`: takes requests for `/mqtt`, answers all others with 404. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export interface BrokerOptions {
  hooks: BusHooks;
  /** Answers for the topics whose last message is derived from the store. */
  retained: RetainedSource;
  /** Where they differ from `defaultLimits`. */
  limits?: Partial<BrokerLimits>;
  /** The TCP listener, or null for WebSocket only. Port 0 is a free port. */
  tcp: { host: string; port: number } | null;
  log: Log;
  clock: Clock;
}

/** Puts the broker together. Nothing listens before `start`. */
export async function createBroker(options: BrokerOptions): Promise<Broker> {
  const { hooks, clock } = options;
  const counters = newCounters();
  const log = createQuietLog(options.log, clock);
  const base = { limits: { ...defaultLimits, ...options.limits }, clock, counters, log };

  const delivery = createDelivery({ source: options.retained, ...base });
  const admission = createAdmission(base);
  const sessions = createSessions({ hooks, forget: (client) => engine.forget(client), ...base });
  const persistence = createPersistence();
  const engine = await createEngine({
    gate: createAuthenticate({ hooks, admission, spoke: sessions.spoke, ...base }),
    inbound: createInbound({ hooks, persistence, ...base }),
    registered: sessions.registered,
    persistence,
    ...delivery,
    ...base,
  });
  const doors = openDoors({ engine, sessions, tcp: options.tcp, ...base });
  const publishWindow = createPublishWindow(base.limits.publishesPerTurn);

  return {
    start: async () => ({ mqtt: await doors.start() }),
    publish: (message) => publishWindow.run(() => delivery.router.route(message)),
    disconnect: (clientId) => sessions.disconnect(clientId),
    stats: () => ({
      ...counters,
      connections: sessions.count(),
      retainedTopics: delivery.retained.size(),
    }),
    stop: async () => {
      publishWindow.close();
      admission.stop();
      await stop(doors, sessions, engine);
    },
    handleUpgrade: doors.handleUpgrade,
  };
}

async function stop(doors: Doors, sessions: Sessions, engine: Engine): Promise<void> {
  doors.stop();
  await sessions.closeAll();
  await new Promise<void>((resolve) => engine.close(resolve));
}
