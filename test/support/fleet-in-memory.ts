import { type Labels, overlay } from '../../proto/labels.ts';
import type { Packet } from '../../proto/packet.ts';
import type { Packets } from '../../server/packets/packets.ts';
import type {
  DeviceChange,
  DeviceEntry,
  Devices,
  ReportedSummary,
} from '../../server/registry/devices.ts';

/** Devices that a test moves about as it likes, without enrolment and reports. */
export class MemoryDevices implements Devices {
  readonly #entries = new Map<string, DeviceEntry>();
  readonly #listeners = new Set<(change: DeviceChange) => void>();

  get(id: string): DeviceEntry | undefined {
    return this.#entries.get(id);
  }

  all(): Iterable<DeviceEntry> {
    return this.#entries.values();
  }

  size(): number {
    return this.#entries.size;
  }

  onChange(listener: (change: DeviceChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Enrols a device, or changes the labels that it gives itself. */
  report(id: string, facts: Labels): void {
    const known = this.#entries.get(id);
    this.#put(id, { facts, config: {}, join: {}, operator: known?.labelSources.operator ?? {} });
    this.#tell({ device: id, cause: known ? 'device' : 'enrolled' });
  }

  /** Sets the labels that an operator gives. */
  label(id: string, operator: Labels): void {
    const known = this.#entries.get(id);
    this.#put(id, { facts: {}, config: {}, join: {}, ...known?.labelSources, operator });
    this.#tell({ device: id, cause: 'person' });
  }

  /** What the device says it has. */
  has(id: string, packets: ReportedSummary['packets']): void {
    const entry = this.#entries.get(id);
    if (!entry) throw new Error(`there is no device ${id}`);
    const reported: ReportedSummary = {
      phase: 'idle',
      reason: null,
      installed: null,
      seen: null,
      seq: 1,
      epoch: null,
      packets,
    };
    this.#entries.set(id, { ...entry, reported });
  }

  remove(id: string): void {
    this.#entries.delete(id);
    this.#tell({ device: id, cause: 'removed' });
  }

  #put(id: string, labelSources: DeviceEntry['labelSources']): void {
    const { facts, config, join, operator } = labelSources;
    this.#entries.set(id, {
      id,
      state: 'enrolled',
      labels: overlay(facts, config, join, operator),
      labelSources,
      reported: this.#entries.get(id)?.reported ?? null,
      online: false,
      since: null,
      transport: null,
      enrolledAt: '2026-01-01T00:00:00.000Z',
      lastSeenAt: null,
    });
  }

  #tell(change: DeviceChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

/** Packets without content. */
export class MemoryPackets implements Packets {
  readonly #byId = new Map<string, Packet>();
  readonly #byName = new Map<string, Packet[]>();
  readonly #listeners = new Set<(name: string) => void>();

  get(id: string): Packet | undefined {
    return this.#byId.get(id);
  }

  byName(name: string): readonly Packet[] {
    return this.#byName.get(name) ?? [];
  }

  byLabels(name: string, labels: Labels): Packet | undefined {
    const wanted = JSON.stringify(Object.entries(labels).sort());
    return this.byName(name).find(
      (packet) => JSON.stringify(Object.entries(packet.labels).sort()) === wanted,
    );
  }

  all(): Iterable<Packet> {
    return this.#byId.values();
  }

  onChange(listener: (name: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Adds a packet; false if there is one of the same name and labels. */
  add(packet: Packet): boolean {
    if (this.byLabels(packet.name, packet.labels)) return false;
    this.#byId.set(packet.id, packet);
    const all = this.#byName.get(packet.name) ?? [];
    all.push(packet);
    this.#byName.set(packet.name, all);
    for (const listener of this.#listeners) listener(packet.name);
    return true;
  }

  delete(packet: Packet): void {
    this.#byId.delete(packet.id);
    this.#byName.set(
      packet.name,
      this.byName(packet.name).filter((one) => one !== packet),
    );
    for (const listener of this.#listeners) listener(packet.name);
  }
}
