import type { Entry, RecordedPackage } from './recording.ts';

/** A version of a package for one architecture: in a release, or installed. */
export interface Stanza {
  name: string;
  arch: string;
  version: string;
  /** Lines of the stanza beside name, version and architecture. */
  fields: string;
}

export interface InstalledStanza extends Stanza {
  auto: boolean;
  hold: boolean;
}

/** The machine that a recorded script changes as it goes on. */
export interface Machine {
  /** The first is native. */
  archs: readonly string[];
  releases: ReadonlyMap<string, readonly Stanza[]>;
  installed: readonly InstalledStanza[];
  flags: ReadonlySet<string>;
}

export const emptyMachine: Machine = {
  archs: ['amd64'],
  releases: new Map(),
  installed: [],
  flags: new Set(),
};

/** The machine after an entry of the script; commands are followed elsewhere. */
export function afterEntry(machine: Machine, entry: Entry): Machine {
  switch (entry.kind) {
    case 'arch':
      return { ...machine, archs: entry.archs };
    case 'flag':
      return { ...machine, flags: new Set([...machine.flags, entry.name]) };
    case 'inst':
      return withInstalled(machine, entry.package, entry.status);
    case 'pkg':
      return entry.releases.reduce(
        (next, release) =>
          release === 'installed'
            ? withInstalled(next, entry.package, 'install ok installed')
            : withReleased(next, release, entry.package),
        machine,
      );
    case 'setup':
    case 'call':
    case 'command':
      return machine;
  }
}

function stanzasOf({ archs, name, version, fields, priority }: RecordedPackage): Stanza[] {
  return archs.map((arch) => ({
    name,
    arch,
    version,
    fields: /^Priority:/m.test(fields) ? fields : `Priority: ${priority}\n${fields}`.trim(),
  }));
}

function withReleased(machine: Machine, release: string, recorded: RecordedPackage): Machine {
  const before = machine.releases.get(release) ?? [];
  const releases = new Map(machine.releases);
  releases.set(release, [...before, ...stanzasOf(recorded)]);
  return { ...machine, releases };
}

/** A stanza that comes later in dpkg's status takes the place of an earlier one. */
function withInstalled(machine: Machine, recorded: RecordedPackage, status: string): Machine {
  const [want, , state] = status.split(' ');
  const fresh = stanzasOf(recorded);
  const kept = machine.installed.filter((old) => !fresh.some((one) => isSamePackage(one, old)));
  if (state === 'config-files' || state === 'not-installed') return { ...machine, installed: kept };
  const rows = fresh.map((one) => ({ ...one, auto: false, hold: want === 'hold' }));
  return { ...machine, installed: [...kept, ...rows] };
}

/** What is installed, in the form that a pool takes. */
export function statesOf({
  archs,
  installed,
}: Machine): ReadonlyMap<string, { version: string; hold: boolean }> {
  const slot = (arch: string): string => (arch === 'all' ? (archs[0] ?? '') : arch);
  return new Map(
    installed.map(({ name, arch, version, hold }) => [`${name}:${slot(arch)}`, { version, hold }]),
  );
}

export function isSamePackage(one: Stanza, other: Stanza): boolean {
  return one.name === other.name && one.arch === other.arch;
}

/** Sets marks of installed packages (`apt-mark auto|manual|hold|unhold`); `~i` names all of them. */
export function withMarks(
  machine: Machine,
  names: readonly string[],
  marks: Partial<Pick<InstalledStanza, 'auto' | 'hold'>>,
): Machine {
  const native = machine.archs[0] ?? '';
  const isNamed = ({ name, arch }: Stanza): boolean =>
    names.some(
      (one) =>
        one === '~i' || one === `${name}:${arch}` || (one === name && isNative(arch, native)),
    );
  const only = (row: InstalledStanza) => isNamed(row) || isOnlyForeign(machine, row, names);
  return {
    ...machine,
    installed: machine.installed.map((row) => (only(row) ? { ...row, ...marks } : row)),
  };
}

function isOnlyForeign(machine: Machine, row: Stanza, names: readonly string[]): boolean {
  const siblings = machine.installed.filter(({ name }) => name === row.name);
  return siblings.length === 1 && names.includes(row.name);
}

const isNative = (arch: string, native: string): boolean => arch === native || arch === 'all';
