import type { AedesOptions, Client } from 'aedes';
import { may } from './core/access-rules.ts';
import type { Counters } from './counters.ts';
import type { Greeter } from './greeter.ts';
import type { BrokerLimits } from './limits.ts';
import type { QuietLog } from './quiet-log.ts';
import { type Session, sessionOf } from './session.ts';
import type { Subscriptions } from './subscriptions.ts';

type AuthorizeSubscribe = NonNullable<AedesOptions['authorizeSubscribe']>;

/** The failure code of SUBACK (MQTT 3.1.1, section 3.9.3). */
const FAILURE = 0x80;

export interface SubscribingOptions {
  subscriptions: Subscriptions<Session>;
  greeter: Greeter;
  limits: BrokerLimits;
  counters: Counters;
  log: QuietLog;
}

/** Subscriptions of clients: who may hear what, and the index that the router delivers by. */
export interface Subscribing {
  authorizeSubscribe: AuthorizeSubscribe;
  /** After SUBACK was written; `qos` is what was granted. */
  subscribed(granted: readonly { topic: string; qos: number }[], client: Client): void;
  /** After UNSUBSCRIBE, or at the end of a connection. */
  unsubscribed(filters: readonly string[], client: Client): void;
}

export function createSubscribing(options: SubscribingOptions): Subscribing {
  const { subscriptions, greeter, limits, counters, log } = options;

  function allowed(session: Session, topic: string): boolean {
    if (!session.identity || !may(session.identity, 'subscribe', topic)) return false;
    if (subscriptions.has(topic, session)) return true;
    if (session.subscriptions >= limits.subscriptionsPerClient) return false;
    session.subscriptions++;
    return true;
  }

  return {
    authorizeSubscribe(client, subscription, answer) {
      if (allowed(sessionOf(client), subscription.topic)) return answer(null, subscription);
      counters.denied++;
      log.warn(
        'subscribe-denied',
        { client: client.id, topic: subscription.topic },
        'Refused a subscription.',
      );
      answer(null, null);
    },
    subscribed(granted, client) {
      const session = sessionOf(client);
      for (const { topic, qos } of granted) {
        if (qos === FAILURE) continue;
        const atMost = qos === 0 ? 0 : 1;
        subscriptions.add(topic, session, atMost);
        greeter.greet(session, topic, atMost);
      }
    },
    unsubscribed(filters, client) {
      const session = sessionOf(client);
      for (const filter of filters) {
        if (subscriptions.remove(filter, session)) session.subscriptions--;
      }
    },
  };
}
