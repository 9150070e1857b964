import { type Labels, reduceLabels } from '../../proto/labels.ts';
import type { Selector } from '../../proto/selector.ts';
import type { Devices } from '../registry/devices.ts';
import type { Fleet, Labelset, Member } from './fleet.ts';

/** Devices of one labelset that also agree in labels which labelsets are not reduced to, because no spec counted yet. */
export interface Cell {
  labels: Labels;
  members: Iterable<Member>;
}

/** The labelsets that the targets can accept, as far as their reduced labels tell. */
export function touchedBy(fleet: Fleet, targets: readonly Selector[]): Set<Labelset> {
  const found = new Set<Labelset>();
  for (const target of targets) {
    const known = Object.entries(target).filter(([key]) => fleet.keys.has(key));
    for (const labelset of fleet.matching(Object.fromEntries(known))) found.add(labelset);
  }
  return found;
}

/** The cells of a labelset whose devices agree in all of `keys`. */
export function cellsOf(
  labelset: Labelset,
  fleet: Fleet,
  keys: ReadonlySet<string>,
  devices: Devices,
): Iterable<Cell> {
  if ([...keys].every((key) => fleet.keys.has(key))) return [labelset];
  const cells = new Map<string, Cell & { members: Member[] }>();
  for (const member of labelset.members) {
    const labels = reduceLabels(devices.get(member.id)?.labels ?? labelset.labels, keys);
    const key = JSON.stringify(labels);
    const cell = cells.get(key) ?? { labels, members: [] };
    cells.set(key, cell);
    cell.members.push(member);
  }
  return cells.values();
}
