import type { AedesOptions, Client, PublishPacket } from 'aedes';
import type { Clock } from '../proto/clock.ts';
import { JamesError } from '../proto/errors.ts';
import type { BusHooks, BusMessage, Identity } from './bus.ts';
import { may } from './core/access-rules.ts';
import { spend, waitFor } from './core/pace.ts';
import type { Counters } from './counters.ts';
import type { BrokerLimits } from './limits.ts';
import type { Persistence } from './persistence.ts';
import type { QuietLog } from './quiet-log.ts';
import { type Session, sessionOf } from './session.ts';

type AuthorizePublish = NonNullable<AedesOptions['authorizePublish']>;
type Answer = Parameters<AuthorizePublish>[2];

export interface InboundOptions {
  hooks: Pick<BusHooks, 'received'>;
  persistence: Pick<Persistence, 'holds'>;
  limits: BrokerLimits;
  clock: Clock;
  counters: Counters;
  log: QuietLog;
}

/** Messages of clients on their way in: who may say what, how fast, and on disk before it is acknowledged. */
export interface Inbound {
  authorizePublish: AuthorizePublish;
  /** The message to forward, or null if it was taken in and is to go no further. */
  toForward(packet: PublishPacket): BusMessage | null;
}

export function createInbound(options: InboundOptions): Inbound {
  const { limits, clock, counters, log } = options;
  const pace = { perSecond: limits.publishesPerSecond, burst: limits.publishBurst };
  const dropped = new WeakSet<PublishPacket>();

  /** Takes the message in when its turn has come: until then aedes reads no more of the socket. */
  function inTurn(session: Session, takeIn: () => void): void {
    const now = clock.monotonic();
    const wait = waitFor(pace, session.publishesUsed, now);
    session.publishesUsed = spend(pace, session.publishesUsed, now);
    if (wait === 0) {
      takeIn();
      return;
    }
    clock.after(wait, () => {
      if (!session.client.closed) takeIn();
    });
  }

  async function takeIn(
    session: Session,
    identity: Identity,
    packet: PublishPacket,
  ): Promise<void> {
    const { client } = session;
    const again = packet.qos === 2 && options.persistence.holds(client, packet.messageId ?? 0);
    if (again) return;
    try {
      await options.hooks.received(identity, toMessage(packet));
      counters.received++;
    } catch (error) {
      if (!(error instanceof JamesError)) throw error;
      log.debug('refused-message', { client: client.id, code: error.code }, error.message);
      dropped.add(packet);
    }
  }

  /** Answers in the order in which the messages came [MQTT-4.6.0-2]. */
  function answerInOrder(session: Session, work: Promise<void>, answer: Answer): void {
    const ordered = session.receiving !== null ? Promise.all([session.receiving, work]) : work;
    const settled = ordered.then(
      () => answer(null),
      (error: unknown) => {
        log.warn(
          'received',
          { client: session.client.id, error },
          'Could not take in a message; ended its connection.',
        );
        answer(error instanceof Error ? error : new Error(String(error)));
      },
    );
    session.receiving = settled;
    void settled.then(() => {
      if (session.receiving === settled) session.receiving = null;
    });
  }

  return {
    authorizePublish(client: Client | null, packet, answer) {
      const session = client && sessionOf(client);
      const identity = session?.identity;
      if (!session || !identity || !mayPublish(identity, packet)) {
        counters.denied++;
        log.warn(
          'publish-denied',
          { client: client?.id, topic: packet.topic },
          'Ended a connection that published where it may not.',
        );
        return answer(new Error('not allowed to publish here'));
      }
      inTurn(session, () => answerInOrder(session, takeIn(session, identity, packet), answer));
    },
    toForward: (packet) => (dropped.has(packet) ? null : toMessage(packet)),
  };
}

const mayPublish = (identity: Identity, packet: PublishPacket): boolean =>
  may(identity, 'publish', packet.topic) &&
  (!packet.retain || may(identity, 'retain', packet.topic));

const toMessage = (packet: PublishPacket): BusMessage => ({
  topic: packet.topic,
  payload: typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload,
  qos: packet.qos === 0 ? 0 : 1,
  retain: packet.retain,
});
