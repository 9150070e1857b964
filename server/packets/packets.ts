import type { Labels } from '../../proto/labels.ts';
import type { Packet } from '../../proto/packet.ts';

/** All packets of the server, as they stand in the store; held in memory and kept current. */
export interface Packets {
  get(id: string): Packet | undefined;
  /** Packets of a name, oldest upload first. */
  byName(name: string): readonly Packet[];
  byLabels(name: string, labels: Labels): Packet | undefined;
  all(): Iterable<Packet>;
  /** Calls `listener` with the name of a packet that came or went, after it is durable. Returns the function that ends it. */
  onChange(listener: (name: string) => void): () => void;
}
