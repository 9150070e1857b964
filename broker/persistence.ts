import { Readable } from 'node:stream';
import type { Client } from 'aedes';

interface InboundPacket {
  messageId: number;
}

/**
 * What aedes wants of a persistence, for clean sessions only: nothing outlives a connection. It keeps the identifiers of
 * inbound messages of QoS 2 until they are released [MQTT-4.3.3-2]; aedes bounds their number. Retained messages are
 * the greeter's.
 */
export function createPersistence() {
  const inbound = new Map<string, Set<number>>();
  const nothing = Promise.resolve();
  const missing = (): Error => new Error('no such packet');

  return {
    /** True if this message of QoS 2 was taken in before and is sent again. */
    holds: (client: Client, messageId: number): boolean =>
      inbound.get(client.id)?.has(messageId) ?? false,

    // aedes insists on an async function
    async setup(): Promise<void> {},
    cleanSubscriptions: () => nothing,
    outgoingClearMessageId: () => nothing,
    outgoingStream: () => new Readable({ objectMode: true, read: end }),
    createRetainedStreamCombi: () => ({ pipe(): void {} }),
    delWill: () => nothing,
    streamWill: () => Readable.from([]),
    incomingStorePacket(client: Client, packet: InboundPacket) {
      const held = inbound.get(client.id) ?? new Set<number>();
      inbound.set(client.id, held.add(packet.messageId));
      return nothing;
    },
    incomingGetPacket: (client: Client, packet: InboundPacket) =>
      inbound.get(client.id)?.has(packet.messageId)
        ? Promise.resolve(packet)
        : Promise.reject(missing()),
    incomingDelPacket: (client: Client, packet: InboundPacket) =>
      inbound.get(client.id)?.delete(packet.messageId) ? nothing : Promise.reject(missing()),
    cleanIncoming(client: Client) {
      inbound.delete(client.id);
      return nothing;
    },
  };
}

export type Persistence = ReturnType<typeof createPersistence>;

function end(this: Readable): void {
  this.push(null);
}
