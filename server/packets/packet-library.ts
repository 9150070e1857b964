import { inspectPacket } from '../../proto/archive/inspect-packet.ts';
import type { Clock } from '../../proto/clock.ts';
import { JamesError } from '../../proto/errors.ts';
import { formatLabels } from '../../proto/labels.ts';
import type { Log } from '../../proto/log.ts';
import type { Control, Packet } from '../../proto/packet.ts';
import type { BlobInfo, BlobStore } from '../blobs/blob-store.ts';
import type { Events } from '../events/events.ts';
import { keys } from '../store/keys.ts';
import { StaleError, type Store } from '../store/store.ts';
import { createCollector } from './collector.ts';
import { createContentGate } from './content-gate.ts';
import {
  createPacketIndex,
  loadPackets,
  packetOperations,
  readPacketRecord,
} from './packet-index.ts';
import type { Packets } from './packets.ts';

export interface PacketLibrary extends Packets {
  /** Loads all packets and clears away unfinished uploads; everything else is for afterwards. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /**
   * Takes a packet file in. The same bytes again give the packet that is here. Throws `too-large`, `no-space`,
   * `bad-packet` and what else the format refuses, and `packet-exists` for a name and labels that other bytes have;
   * then nothing is kept.
   */
  upload(
    content: AsyncIterable<Uint8Array>,
    actor: string,
  ): Promise<{ packet: Packet; created: boolean }>;
  /** Removes a packet. Throws `not-found`, and `packet-in-use` naming the specs that choose it. */
  delete(id: string, actor: string): Promise<void>;
  /** Names of all packets, sorted. */
  names(): string[];
  /** Removes content that nothing refers to; returns how many. */
  collect(): Promise<number>;
}

export interface PacketLibraryOptions {
  store: Store;
  blobs: BlobStore;
  clock: Clock;
  events: Events;
  log: Log;
  maxPacketBytes: number;
  /** The ids of the specs that choose a packet for some device. */
  inUse: (id: string) => readonly string[];
  /** Ids of packets that some device reports as installed: their content stays. */
  keepInstalled: () => ReadonlySet<string>;
}

/** The packets of the server and their content. */
export function createPacketLibrary(options: PacketLibraryOptions): PacketLibrary {
  const { store, blobs, clock, events } = options;
  const index = createPacketIndex();
  const gate = createContentGate();
  const collector = createCollector({
    ...options,
    gate,
    isPacket: (id) => index.get(id) !== undefined,
  });

  async function takeIn(
    content: AsyncIterable<Uint8Array>,
    actor: string,
  ): Promise<{ packet: Packet; created: boolean }> {
    const blob = await blobs.put(content, { maxBytes: options.maxPacketBytes });
    try {
      const present = index.get(blob.id);
      if (present) return { packet: present, created: false };
      return await admit(blob, await inspect(blob.id), actor);
    } catch (error) {
      await collector.removeIfUnused(blob.id, 1);
      throw error;
    }
  }

  async function inspect(id: string): Promise<Control> {
    const content = await blobs.read(id);
    if (!content) throw new JamesError('internal', 'The content that was just written is gone.');
    try {
      return (await inspectPacket(content)).control;
    } finally {
      content.destroy();
    }
  }

  async function admit(blob: BlobInfo, control: Control, actor: string) {
    const uploadedAt = new Date(clock.now()).toISOString();
    const record = {
      ...control,
      labels: control.labels ?? {},
      id: blob.id,
      size: blob.size,
      uploadedAt,
    };
    const expect = packetOperations(record).map(({ put }) => ({ key: put, revision: 0 }));
    try {
      const seq = await store.batch(packetOperations(record), expect);
      const packet = { ...record, seq };
      index.add(packet);
      events.add({ kind: 'packet-uploaded', actor, subject: blob.id, detail: describe(packet) });
      return { packet, created: true };
    } catch (error) {
      if (error instanceof StaleError) return presentOrConflict(record);
      throw error;
    }
  }

  /** Somebody was faster, or name and labels were taken all along. */
  async function presentOrConflict(record: Omit<Packet, 'seq'>) {
    const [packet, name] = await store.getMany([
      keys.packet(record.id),
      keys.packetName(record.name, record.labels),
    ]);
    if (packet) return { packet: readPacketRecord(packet), created: false };
    throw new JamesError(
      'packet-exists',
      `There is a packet ${describe(record)} with other content. Give the new one another version label, or delete the old one first.`,
      name ? { members: { id: JSON.parse(name.value) } } : {},
    );
  }

  return {
    ...index,
    upload: (content, actor) => gate.upload(() => takeIn(content, actor)),
    async delete(id, actor) {
      const packet = index.get(id);
      if (!packet) throw new JamesError('not-found', 'There is no packet with this id.');
      const specs = options.inUse(id);
      if (specs.length > 0) {
        const detail = `${describe(packet)} is chosen by ${specs.slice(0, 20).join(', ')}; change these specs first.`;
        throw new JamesError('packet-in-use', detail, { members: { specs } });
      }
      const expect = [{ key: keys.packet(id), revision: packet.seq }];
      await store.batch(
        packetOperations(packet).map(({ put }) => ({ delete: put })),
        expect,
      );
      index.remove(id);
      events.add({ kind: 'packet-deleted', actor, subject: id, detail: describe(packet) });
      await collector.removeIfUnused(id, 0);
    },
    collect: collector.collect,
    async start() {
      await blobs.removeUnfinished();
      await loadPackets(store, index);
      collector.start();
    },
    stop: collector.stop,
  };
}

function describe({ name, labels }: Pick<Packet, 'name' | 'labels'>): string {
  return `${name} {${formatLabels(labels)}}`;
}
