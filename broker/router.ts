import type { BusMessage, RetainedSource } from './bus.ts';
import { may } from './core/access-rules.ts';
import type { Greeter } from './greeter.ts';
import type { Outbox } from './outbox.ts';
import type { RetainedIndex } from './retained.ts';
import type { Session } from './session.ts';
import type { Subscriptions } from './subscriptions.ts';

/** Takes a message to all who are subscribed, and keeps it if it is to be retained. */
export interface Router {
  route(message: BusMessage): void;
}

export interface RouterOptions {
  source: RetainedSource;
  retained: RetainedIndex;
  subscriptions: Subscriptions<Session>;
  greeter: Greeter;
  outbox: Outbox;
}

export function createRouter(options: RouterOptions): Router {
  const { source, retained, subscriptions, greeter, outbox } = options;
  return {
    route(message) {
      const { topic } = message;
      if (message.retain && !source.owns(topic)) retained.store(message);
      greeter.overtake(topic);
      subscriptions.match(topic, (entry, exact) => {
        const { identity } = entry.subscriber;
        // an exact topic was checked when it was subscribed to; a filter is checked against what it lets through
        const allowed = exact || (identity !== null && may(identity, 'receive', topic));
        // the flag is for retained messages that answer a subscription [MQTT-3.3.1-9]
        if (allowed) outbox.send(entry.subscriber, message, entry.qos, false);
      });
    },
  };
}
