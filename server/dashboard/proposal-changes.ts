import type { PacketRef } from '../../proto/api.ts';
import type { SpecUpdatesView } from '../../proto/package-views.ts';

/** A line of a proposed update: what a name changes from and to; null is nothing. */
export interface ProposedChange {
  name: string;
  from: string | null;
  to: string | null;
}

/** The differences of all rows of a lock, each once, sorted by name. */
export function changesOf({ rows }: Pick<SpecUpdatesView, 'rows'>): ProposedChange[] {
  const all = rows.flatMap(({ packets, packages }) => [
    ...packets.map(({ name, from, to }) => ({ name, from: shown(from), to: shown(to) })),
    ...packages.installs.map(({ name, version }) => ({ name, from: null, to: version ?? 'any' })),
    ...[...packages.upgrades, ...(packages.downgrades ?? [])].map(({ from, to }) => ({
      ...{ name: to.name, from: from.version ?? 'any', to: to.version ?? 'any' },
    })),
    ...packages.removals.map(({ name, version }) => ({ name, from: version ?? 'any', to: null })),
  ]);
  const unique = new Map(all.map((one) => [`${one.name} ${one.from} ${one.to}`, one]));
  return [...unique.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** How many devices the differences are for. */
export function devicesOf({ rows }: Pick<SpecUpdatesView, 'rows'>): number {
  return rows.reduce((sum, { devices }) => sum + devices, 0);
}

/** The command that takes an update. */
export function promotionOf({
  spec,
  held,
  impact,
}: Pick<SpecUpdatesView, 'spec' | 'held' | 'impact'>) {
  const confirmed = held ? ` --confirm-removals ${impact.removals}` : '';
  return `jamesd-ctl spec promote ${spec}${confirmed}`;
}

/** Why an update of a spec that takes updates by itself waits. */
export function heldText({ impact }: Pick<SpecUpdatesView, 'impact'>): string {
  const { removals, devicesLosing } = impact;
  return `Held, though the spec takes updates by itself: it would take ${removals.toLocaleString('en')} without a successor from ${devicesLosing.toLocaleString('en')} ${devicesLosing === 1 ? 'device' : 'devices'}.`;
}

function shown(packet: PacketRef | null): string | null {
  return packet === null ? null : (packet.labels.version ?? packet.id.slice(0, 15));
}
