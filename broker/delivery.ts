import type { Clock } from '../proto/clock.ts';
import type { RetainedSource } from './bus.ts';
import type { Counters } from './counters.ts';
import { createGreeter } from './greeter.ts';
import type { BrokerLimits } from './limits.ts';
import { createOutbox } from './outbox.ts';
import type { QuietLog } from './quiet-log.ts';
import { createRetainedIndex, type RetainedIndex } from './retained.ts';
import { createRouter, type Router } from './router.ts';
import type { Session } from './session.ts';
import { createSubscribing, type Subscribing } from './subscribing.ts';
import { createSubscriptions } from './subscriptions.ts';

/** The way out: who is subscribed to what, what is retained, and the writing of it. */
export interface Delivery {
  router: Router;
  subscribing: Subscribing;
  retained: RetainedIndex;
}

export interface DeliveryOptions {
  source: RetainedSource;
  limits: BrokerLimits;
  clock: Clock;
  counters: Counters;
  log: QuietLog;
}

export function createDelivery({ source, ...base }: DeliveryOptions): Delivery {
  const subscriptions = createSubscriptions<Session>();
  const retained = createRetainedIndex();
  const outbox = createOutbox(base);
  const greeter = createGreeter({ source, retained, subscriptions, outbox, log: base.log });
  return {
    router: createRouter({ source, retained, subscriptions, greeter, outbox }),
    subscribing: createSubscribing({ subscriptions, greeter, ...base }),
    retained,
  };
}
