import { sha256Of } from '../../proto/digest.ts';
import { type Labels, labelsKey } from '../../proto/labels.ts';
import type { Packet } from '../../proto/packet.ts';
import type { PacketIndex } from '../../server/core/model.ts';
import type { PlanWorld } from '../../server/core/plan-labelset.ts';
import { noSupply } from '../../server/planner/no-supply.ts';

/** A packet's record; its id follows from name, labels and sequence number. */
export function makePacket(part: Partial<Packet> & { name: string; labels?: Labels }): Packet {
  const labels = part.labels ?? {};
  const seq = part.seq ?? 1;
  return {
    id: sha256Of(`${part.name} ${labelsKey(labels)} ${seq}`),
    seq,
    size: 100,
    uploadedAt: '2026-01-01T00:00:00.000Z',
    ...part,
    labels,
  };
}

export function indexPackets(packets: readonly Packet[]): PacketIndex {
  return { byName: (name) => packets.filter((packet) => packet.name === name) };
}

/** Everything that plans follow from, without sources and locks. */
export function worldOf(packets: readonly Packet[]): PlanWorld {
  return {
    packets: indexPackets(packets),
    packages: noSupply.world(),
    locks: { pinsOf: () => undefined },
  };
}
