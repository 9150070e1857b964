/** Who is subscribed to what: exact topics in O(1), filters that end in `/#` by their few prefixes. */
export interface Subscriptions<Subscriber> {
  /** Adds, or replaces the QoS. `filter` is a topic, or a prefix followed by `/#`; other wildcards match nothing. */
  add(filter: string, subscriber: Subscriber, qos: 0 | 1): void;
  /** True if it was there. */
  remove(filter: string, subscriber: Subscriber): boolean;
  has(filter: string, subscriber: Subscriber): boolean;
  /** Calls `visit` for each subscription that matches; `exact` if it names the very topic. */
  match(topic: string, visit: (entry: Subscription<Subscriber>, exact: boolean) => void): void;
}

export interface Subscription<Subscriber> {
  readonly subscriber: Subscriber;
  readonly qos: 0 | 1;
}

export function createSubscriptions<Subscriber>(): Subscriptions<Subscriber> {
  type Entries = Subscription<Subscriber>[];
  const exact = new Map<string, Entries>();
  const below = new Map<string, Entries>();

  const place = (filter: string): [Map<string, Entries>, string] =>
    filter.endsWith('/#') ? [below, filter.slice(0, -2)] : [exact, filter];
  const without = (entries: Entries, subscriber: Subscriber): Entries =>
    entries.filter((entry) => entry.subscriber !== subscriber);

  return {
    add(filter, subscriber, qos) {
      const [map, key] = place(filter);
      const entries = map.get(key);
      const entry = { subscriber, qos };
      map.set(key, entries ? [...without(entries, subscriber), entry] : [entry]);
    },
    remove(filter, subscriber) {
      const [map, key] = place(filter);
      const entries = map.get(key);
      if (!entries) return false;
      const rest = without(entries, subscriber);
      if (rest.length === 0) map.delete(key);
      else map.set(key, rest);
      return rest.length < entries.length;
    },
    has(filter, subscriber) {
      const [map, key] = place(filter);
      return map.get(key)?.some((entry) => entry.subscriber === subscriber) ?? false;
    },
    match(topic, visit) {
      for (const entry of exact.get(topic) ?? []) visit(entry, true);
      for (const [prefix, entries] of below) {
        if (!isBelow(prefix, topic)) continue;
        for (const entry of entries) visit(entry, false);
      }
    },
  };
}

/** `a/#` also matches `a` itself (MQTT 3.1.1, section 4.7.1.2). */
const isBelow = (prefix: string, topic: string): boolean =>
  topic.startsWith(prefix) && (topic.length === prefix.length || topic[prefix.length] === '/');
