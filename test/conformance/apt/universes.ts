import type { PackageRecord } from '../../../server/resolver/core/universe.ts';
import { createUniverseBuilder } from '../../../server/resolver/core/universe-builder.ts';
import {
  createView,
  DEFAULT_PRIORITY,
  INSTALLED_SOURCE,
  type View,
} from '../../../server/resolver/core/view.ts';
import { readDebPackages } from '../../../server/sources/core/deb-packages.ts';
import type { Machine, Stanza } from './machine.ts';

/** Priorities of apt_preferences(5): what is installed, and the release that `-t` names. */
const INSTALLED_PRIORITY = 100;
const TARGET_PRIORITY = 990;

/** The packages of the machine as a view: a source per release, and one of what is installed. */
export function viewOf(machine: Machine, targetRelease: string | null): View {
  const releases = [...machine.releases].sort(([a], [b]) => (a < b ? -1 : 1));
  const sources = releases.map(([release, stanzas]) => ({
    ...sourceOf(release, stanzas),
    priority: release === targetRelease ? TARGET_PRIORITY : DEFAULT_PRIORITY,
    notAutomatic: /^(experimental|backports)/.test(release),
    butAutomaticUpgrades: release.startsWith('backports'),
  }));
  const installed = {
    ...sourceOf(INSTALLED_SOURCE, machine.installed),
    priority: INSTALLED_PRIORITY,
    notAutomatic: false,
    butAutomaticUpgrades: false,
  };
  return createView({ family: 'deb', archs: machine.archs, sources: [...sources, installed] });
}

function sourceOf(id: string, stanzas: readonly Stanza[]) {
  const builder = createUniverseBuilder('deb');
  for (const record of recordsOf(stanzas)) builder.add(record);
  return {
    id,
    universes: [builder.build()],
    recommended: true,
    essential: true,
    include: [],
    exclude: [],
    onlyIndependent: false,
  };
}

/** Goes through the reader of indexes, so that the stanzas are read as apt's lists are. */
export function recordsOf(stanzas: readonly Stanza[]): PackageRecord[] {
  const records: PackageRecord[] = [];
  const text = stanzas
    .map(
      ({ name, arch, version, fields }) =>
        `Package: ${name}\nArchitecture: ${arch}\nVersion: ${version}\n${fields}\n`,
    )
    .join('\n');
  readDebPackages(new TextEncoder().encode(text), (record) => records.push({ ...record }));
  return records;
}
