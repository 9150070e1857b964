import type { Bus, BusMessage } from '../../broker/bus.ts';

/** A bus that keeps what was published. */
export interface RecordingBus extends Pick<Bus, 'publish' | 'disconnect'> {
  messages: BusMessage[];
  /** The client ids whose connections were ended. */
  disconnected: string[];
  /** The JSON of the last message on a topic; null if it is empty or there is none. */
  last(topic: string): unknown;
  clear(): void;
}

export function createRecordingBus(): RecordingBus {
  const messages: BusMessage[] = [];
  const disconnected: string[] = [];
  return {
    messages,
    disconnected,
    async disconnect(clientId) {
      disconnected.push(clientId);
    },
    async publish(message) {
      messages.push(message);
    },
    last(topic) {
      const found = messages.findLast((message) => message.topic === topic);
      return found && found.payload.length > 0
        ? JSON.parse(Buffer.from(found.payload).toString())
        : null;
    },
    clear: () => messages.splice(0),
  };
}
