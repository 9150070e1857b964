import type { BusMessage } from './bus.ts';

/** The last messages of topics that no source owns, in memory. */
export interface RetainedIndex {
  /** Keeps a copy; an empty payload clears the topic [MQTT-3.3.1-10]. */
  store(message: BusMessage): void;
  get(topic: string): BusMessage | undefined;
  /** Those below a filter of at least three levels and `/#`. */
  below(filter: string): BusMessage[];
  size(): number;
}

/** Topics lie in drawers by their first three levels, so that a viewer's filter never walks over the devices. */
export function createRetainedIndex(): RetainedIndex {
  const drawers = new Map<string, Map<string, BusMessage>>();
  let size = 0;

  function clear(topic: string): void {
    const drawer = drawers.get(drawerOf(topic));
    if (drawer?.delete(topic)) size--;
    if (drawer?.size === 0) drawers.delete(drawerOf(topic));
  }

  return {
    store(message) {
      clear(message.topic);
      if (message.payload.length === 0) return;
      const name = drawerOf(message.topic);
      const drawer = drawers.get(name) ?? new Map<string, BusMessage>();
      drawers.set(name, drawer);
      // a copy, since the payload may be a view of a much larger chunk of a socket
      drawer.set(message.topic, { ...message, payload: new Uint8Array(message.payload) });
      size++;
    },
    get: (topic) => drawers.get(drawerOf(topic))?.get(topic),
    below(filter) {
      const prefix = filter.slice(0, -1);
      const messages = [...(drawers.get(drawerOf(filter))?.values() ?? [])];
      return messages.filter((message) => message.topic.startsWith(prefix));
    },
    size: () => size,
  };
}

function drawerOf(topic: string): string {
  let end = -1;
  for (let level = 0; level < 3; level++) {
    end = topic.indexOf('/', end + 1);
    if (end === -1) return topic;
  }
  return topic.slice(0, end);
}
