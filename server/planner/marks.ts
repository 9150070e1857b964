import type { SpecEntry } from '../core/model.ts';
import type { SourceEntry } from '../core/package-model.ts';
import type { Packets } from '../packets/packets.ts';
import { dependentNames } from './core/dependents.ts';
import type { SpecIndex } from './core/spec-index.ts';
import type { Fleet, Labelset } from './fleet.ts';

/** Whose plans may no longer follow from specs, packets and sources: they become stale. */

/** The labelsets that specs are for. These are returned. */
export function markTargets(fleet: Fleet, specs: readonly SpecEntry[]): Labelset[] {
  const found = new Set(specs.flatMap(({ target }) => fleet.matching(target)));
  for (const labelset of found) labelset.stale = true;
  return [...found];
}

/** A source can matter to labelsets that ask for packages: those that it targets, and those that lack something. */
export function markSourceTargets(fleet: Fleet, sources: readonly SourceEntry[]): void {
  if (sources.length === 0) return;
  for (const { target } of sources)
    for (const labelset of fleet.matching(target)) labelset.stale ||= labelset.packages !== null;
  for (const labelset of fleet.labelsets()) labelset.stale ||= labelset.packages?.unserved === true;
}

/** A source that offers other packages matters to the labelsets that it applies to. These are returned. */
export function markRefreshed(fleet: Fleet, sources: ReadonlySet<string>): Labelset[] {
  if (sources.size === 0) return [];
  const served = [...fleet.labelsets()].filter(
    ({ packages }) => packages?.sources.some((id) => sources.has(id)) === true,
  );
  for (const labelset of served) labelset.stale = true;
  return served;
}

/** A packet can matter to the labelsets whose specs want its name or one that needs it. These are returned. */
export function markPackets(
  fleet: Fleet,
  specs: SpecIndex,
  packets: Packets,
  names: ReadonlySet<string>,
): Labelset[] {
  if (names.size === 0) return [];
  const touched = new Set<SpecEntry>();
  for (const name of dependentNames(names, packets.all()))
    for (const spec of specs.withApp(name)) touched.add(spec);
  return markTargets(fleet, [...touched]);
}
