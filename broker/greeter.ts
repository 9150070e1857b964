import type { BusMessage, RetainedSource } from './bus.ts';
import type { Outbox } from './outbox.ts';
import type { QuietLog } from './quiet-log.ts';
import type { RetainedIndex } from './retained.ts';
import type { Session } from './session.ts';
import type { Subscriptions } from './subscriptions.ts';

/** Sends a new subscriber what is retained [MQTT-3.3.1-6]. */
export interface Greeter {
  greet(session: Session, filter: string, qos: 0 | 1): void;
  /** A message of this topic went out: a body that is being loaded is older, and is not sent any more. */
  overtake(topic: string): void;
}

export interface GreeterOptions {
  source: RetainedSource;
  retained: RetainedIndex;
  subscriptions: Subscriptions<Session>;
  outbox: Outbox;
  log: QuietLog;
}

export function createGreeter(options: GreeterOptions): Greeter {
  const { source, retained, subscriptions, outbox, log } = options;
  /** Loads under way, by topic. */
  const loading = new Map<string, Set<object>>();

  function send(
    session: Session,
    topic: string,
    payload: Uint8Array | undefined,
    qos: 0 | 1,
  ): void {
    if (payload === undefined || payload.length === 0) return;
    outbox.send(session, { topic, payload, qos: 1, retain: true }, qos, true);
  }

  function begin(topic: string): object {
    const ticket = {};
    const tickets = loading.get(topic) ?? new Set();
    loading.set(topic, tickets.add(ticket));
    return ticket;
  }

  /** True if nothing overtook the load. */
  function end(topic: string, ticket: object): boolean {
    const tickets = loading.get(topic);
    const current = tickets?.delete(ticket) ?? false;
    if (tickets?.size === 0) loading.delete(topic);
    return current;
  }

  /** Without its retained message a client would wait for ever: it is sent away, to come again. */
  function failed(session: Session, topic: string, error: unknown): void {
    log.warn('retained-load', { topic, error }, 'Could not load a retained message.');
    session.client.conn.destroy();
  }

  async function load(
    session: Session,
    topic: string,
    qos: 0 | 1,
    body: PromiseLike<Uint8Array | undefined>,
  ): Promise<void> {
    const ticket = begin(topic);
    try {
      const payload = await body;
      const wanted = end(topic, ticket) && subscriptions.has(topic, session);
      if (wanted) send(session, topic, payload, qos);
    } catch (error) {
      end(topic, ticket);
      failed(session, topic, error);
    }
  }

  function greetFromSource(session: Session, topic: string, qos: 0 | 1): void {
    try {
      const body = source.load(topic);
      if (body === undefined || body instanceof Uint8Array) send(session, topic, body, qos);
      else void load(session, topic, qos, body);
    } catch (error) {
      failed(session, topic, error);
    }
  }

  return {
    greet(session, filter, qos) {
      if (source.owns(filter)) return greetFromSource(session, filter, qos);
      const found: (BusMessage | undefined)[] = filter.endsWith('/#')
        ? retained.below(filter)
        : [retained.get(filter)];
      for (const message of found) if (message) outbox.send(session, message, qos, true);
    },
    overtake(topic) {
      if (loading.size > 0) loading.delete(topic);
    },
  };
}
