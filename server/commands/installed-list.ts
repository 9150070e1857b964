import { readFileSync } from 'node:fs';
import { JamesError } from '../../proto/errors.ts';
import type { Installed } from '../resolver/core/resolution.ts';
import type { Family, PackageRecord, RelationKind, Universe } from '../resolver/core/universe.ts';
import { createUniverseBuilder } from '../resolver/core/universe-builder.ts';
import { readDpkgStatus, type StatusRecord } from '../sources/core/deb-packages.ts';

/** What a machine has, from a file. The universe holds what the file says of relations. */
export interface InstalledList {
  installed: Installed[];
  universe: Universe;
}

/** How rpm is asked for its list; `(none)` is an epoch of 0. */
export const RPM_QUERY = '%{NAME} %{EPOCH}:%{VERSION}-%{RELEASE} %{ARCH}\\n';

/** The same with relations and files, for packages that no source has. */
export const RPM_QUERY_WITH_RELATIONS = [
  RPM_QUERY,
  ...[' requires %{REQUIRENEVRS}', ' provides %{PROVIDENEVRS}', ' conflicts %{CONFLICTNEVRS}'],
  ...[' obsoletes %{OBSOLETENEVRS}', ' file %{FILENAMES}'],
]
  .map((part, index) => (index === 0 ? part : `[${part}\\n]`))
  .join('');

/** Words of lines that say something of the package above them, and the relations that they are of. */
const relationWords: Readonly<Record<string, RelationKind>> = {
  requires: 'depends',
  provides: 'provides',
  conflicts: 'conflicts',
  obsoletes: 'obsoletes',
  recommends: 'recommends',
  supplements: 'supplements',
};

/**
 * Reads a dpkg status file, or for rpm the lines of `rpm -qa --qf RPM_QUERY`; a line there may be followed by indented
 * ones with the package's relations (`requires NAME >= EVR`) and files (`file PATH`). Throws `usage` or `bad-index`.
 */
export function readInstalled(path: string, family: Family): InstalledList {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new JamesError('usage', `${path} cannot be read: ${(cause as Error).message}.`, {
      cause,
    });
  }
  try {
    return family === 'deb' ? fromStatus(bytes) : fromLines(new TextDecoder().decode(bytes));
  } catch (cause) {
    if (!(cause instanceof JamesError)) throw cause;
    throw new JamesError(cause.code, `${path}: ${cause.message}`, { cause });
  }
}

function fromStatus(bytes: Uint8Array): InstalledList {
  const records: StatusRecord[] = [];
  readDpkgStatus(bytes, (record) => {
    if (isThere(record.status)) records.push(record);
  });
  const installed = records.map(({ name, version, arch, status, essential }) => ({
    ...{ name, version, arch, auto: false },
    hold: status.startsWith('hold '),
    essential: essential ?? false,
  }));
  return { installed, universe: universeOf('deb', records) };
}

/** dpkg(1): the last word is the state; of those below only files of configuration are left, or nothing. */
function isThere(status: string): boolean {
  const state = status.split(/\s+/)[2] ?? '';
  return !['not-installed', 'config-files', ''].includes(state);
}

function fromLines(text: string): InstalledList {
  const records: PackageRecord[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const last = records.at(-1);
    if (line.trim() === '') continue;
    if (!/^\s/.test(line)) records.push(recordOf(line.trim(), index + 1));
    else if (last === undefined || !addTo(last, line.trim())) throw badLine(index + 1);
  }
  const installed = records.map(({ name, version, arch }) => ({
    name,
    version,
    arch,
    auto: false,
  }));
  return { installed, universe: universeOf('rpm', records) };
}

function recordOf(line: string, number: number): PackageRecord {
  const [name = '', evr = '', arch = '', rest] = line.split(/\s+/);
  if (rest !== undefined || arch === '' || !evr.includes('-')) throw badLine(number);
  return { name, version: evr.replace(/^(\(none\)|0):/, ''), arch, relations: {} };
}

/** Takes in a line about a package; false if it is none. */
function addTo(record: PackageRecord, line: string): boolean {
  const [, word = '', value = ''] = /^(\S+)\s+(\S.*)$/.exec(line) ?? [];
  if (word === 'file') {
    record.files = [...(record.files ?? []), value];
    return true;
  }
  const kind = relationWords[word];
  if (kind === undefined || value === '') return false;
  const known = record.relations[kind];
  record.relations[kind] = known === undefined ? value : `${known}\n${value}`;
  return true;
}

const badLine = (line: number): JamesError =>
  new JamesError(
    'bad-index',
    `Line ${line} of the installed packages is neither "NAME EPOCH:VERSION-RELEASE ARCH", as rpm -qa --qf '${RPM_QUERY}' writes it, nor an indented line that says what the package above requires, provides, conflicts with, obsoletes, recommends, supplements or has as file.`,
    { position: { line, column: 1 } },
  );

function universeOf(family: Family, records: readonly PackageRecord[]): Universe {
  const builder = createUniverseBuilder(family);
  for (const record of records) builder.add(record);
  return builder.build();
}
