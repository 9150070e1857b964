import { compareVersions } from '../../../proto/version.ts';
import type { Resolution } from '../../../server/resolver/core/resolution.ts';
import type { InstalledStanza, Machine, Stanza } from './machine.ts';
import { isSamePackage } from './machine.ts';

const native = ({ archs }: Machine): string => archs[0] ?? '';

/** An answer in the form of `expectationOf`: what apt prints as `Inst`, `Conf` and `Remv`. */
export function actionsOf(machine: Machine, answer: Resolution): Set<string> {
  const lines = new Set<string>();
  for (const { name, version, arch } of answer.packages)
    for (const action of ['Inst', 'Conf']) lines.add(`${action} ${name} ${version} ${arch}`);
  for (const { name, arch } of answer.removed)
    lines.add(`Remv ${name} ${arch === 'all' ? native(machine) : arch}`);
  return lines;
}

/** The same as the lists that apt shows before it asks. */
export function listsOf(machine: Machine, answer: Resolution): Set<string> {
  const lines = new Set<string>();
  const shown = (name: string, arch: string): string =>
    arch === 'all' || arch === native(machine) ? name : `${name}:${arch}`;
  for (const { name, version, arch } of answer.packages)
    lines.add(`list ${listOf(machine, { name, arch, version, fields: '' })} ${shown(name, arch)}`);
  for (const { name, arch } of answer.removed) lines.add(`list REMOVED ${shown(name, arch)}`);
  return lines;
}

function listOf(machine: Machine, fresh: Stanza): 'NEW' | 'UPGRADED' | 'DOWNGRADED' {
  const old = installedSlot(machine, fresh);
  if (old === undefined) return 'NEW';
  return compareVersions(old.version, fresh.version) < 0 ? 'UPGRADED' : 'DOWNGRADED';
}

/** What a package takes the place of: `all` and the native architecture are one. */
function installedSlot(machine: Machine, fresh: Stanza): InstalledStanza | undefined {
  const slot = (arch: string): string => (arch === 'all' ? native(machine) : arch);
  return machine.installed.find(
    ({ name, arch }) => name === fresh.name && slot(arch) === slot(fresh.arch),
  );
}

/** The machine after apt did what the answer says; what is new and not wanted by name is marked automatic. */
export function afterAnswer(
  machine: Machine,
  answer: Resolution,
  wanted: ReadonlySet<string>,
): Machine {
  const gone = answer.removed.map(({ name, version, arch }) => ({
    name,
    version,
    arch,
    fields: '',
  }));
  const fresh = answer.packages.flatMap(({ name, version, arch }) => {
    const stanza = stanzaOf(machine, name, version, arch);
    const old = installedSlot(machine, stanza);
    const auto = wanted.has(name) ? false : (old?.auto ?? true);
    return [{ ...stanza, auto, hold: old?.hold ?? false, old }];
  });
  const kept = machine.installed.filter(
    (row) => !gone.some((one) => isSamePackage(one, row)) && !fresh.some((one) => one.old === row),
  );
  const manual = kept.map((row) => (wanted.has(row.name) ? { ...row, auto: false } : row));
  return { ...machine, installed: [...manual, ...fresh.map(({ old: _, ...row }) => row)] };
}

function stanzaOf(machine: Machine, name: string, version: string, arch: string): Stanza {
  const found = [...machine.releases.values()]
    .flat()
    .find((one) => one.name === name && one.version === version && one.arch === arch);
  return found ?? { name, version, arch, fields: '' };
}
