import { createGroups } from '../../../server/resolver/core/deb/groups.ts';
import { createPool } from '../../../server/resolver/core/deb/pool.ts';
import type { Want } from '../../../server/resolver/core/resolution.ts';
import type { View } from '../../../server/resolver/core/view.ts';
import { type Machine, statesOf } from './machine.ts';
import { type Candidates, chooseRelease } from './release-candidates.ts';
import { INSTALLED_RELEASE, releaseChoice } from './releases.ts';

/** A virtual name stands for the one package of the release that provides it. */
export function servedIn(want: Want, written: string, machine: Machine, view: View): Want {
  if (view.named(want.name).length > 0) return want;
  const choice = releaseChoice(written, machine);
  const isReleased = releasedIn(choice.kind === 'release' ? choice.release : '', machine, view);
  const archs = [want.arch ?? machine.archs[0], 'all'];
  const names = view
    .providers(want.name)
    .filter((id) => isReleased(id) && archs.includes(view.arch(id)))
    .map(view.name);
  const [only = want.name, ...others] = new Set(names);
  return others.length === 0 ? { ...want, name: only } : want;
}

/** The versions that releases on the command line decide, by `name:arch`; or what is wrong with them. */
export function lockedBy(
  chosen: readonly (readonly [Want, string])[],
  machine: Machine,
  view: View,
): ReadonlyMap<string, string> | string {
  if (chosen.length === 0) return new Map();
  const native = machine.archs[0] ?? '';
  const installed = statesOf(machine);
  const pool = createPool({ view, installed, priorityOf: view.priority, downgrade: false });
  const candidates: Candidates = new Map();
  const groups = createGroups(pool);
  for (const [want, written] of chosen) {
    const choice = releaseChoice(written, machine);
    const release = choice.kind === 'release' ? choice.release : written;
    const isReleased = releasedIn(release, machine, view);
    const version = versionOf(view, want, isReleased, native);
    if (version === undefined) return `Release '${written}' for '${want.name}' was not found`;
    chooseRelease({ pool, groups }, version, isReleased, candidates);
  }
  return new Map(
    [...candidates].map(([pkg, one]) => [`${pool.name(pkg)}:${pool.arch(pkg)}`, view.version(one)]),
  );
}

function releasedIn(release: string, machine: Machine, view: View): (version: number) => boolean {
  const stanzas = release === INSTALLED_RELEASE ? machine.installed : machine.releases.get(release);
  const key = (name: string, arch: string, version: string): string => `${name} ${arch} ${version}`;
  const known = new Set((stanzas ?? []).map((one) => key(one.name, one.arch, one.version)));
  return (id) => known.has(key(view.name(id), view.arch(id), view.version(id)));
}

function versionOf(
  view: View,
  want: Want,
  isReleased: (version: number) => boolean,
  native: string,
): number | undefined {
  const archs = [want.arch ?? native, 'all'];
  return view.named(want.name).find((id) => isReleased(id) && archs.includes(view.arch(id)));
}
