import { readFileSync } from 'node:fs';
import { JamesError } from '../../proto/errors.ts';
import type { Installed } from '../resolver/core/resolution.ts';
import type { Family, PackageRecord, Universe } from '../resolver/core/universe.ts';
import { createUniverseBuilder } from '../resolver/core/universe-builder.ts';
import { readDpkgStatus, type StatusRecord } from '../sources/core/deb-packages.ts';

/** What a machine has, from a file. The universe holds what the file says of relations. */
export interface InstalledList {
  installed: Installed[];
  universe: Universe;
}

/** How rpm is asked for its list; `(none)` is an epoch of 0. */
export const RPM_QUERY = '%{NAME} %{EPOCH}:%{VERSION}-%{RELEASE} %{ARCH}\\n';

/** Reads a dpkg status file, or for rpm the lines of `rpm -qa --qf RPM_QUERY`. Throws `usage` or `bad-index`. */
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
  const records = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, index) => recordOf(line.trim(), index + 1));
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
  if (rest !== undefined || arch === '' || !evr.includes('-'))
    throw new JamesError(
      'bad-index',
      `Line ${number} of the installed packages is not "NAME EPOCH:VERSION-RELEASE ARCH"; rpm -qa --qf '${RPM_QUERY}' writes them.`,
      { position: { line: number, column: 1 } },
    );
  return { name, version: evr.replace(/^(\(none\)|0):/, ''), arch, relations: {} };
}

function universeOf(family: Family, records: readonly PackageRecord[]): Universe {
  const builder = createUniverseBuilder(family);
  for (const record of records) builder.add(record);
  return builder.build();
}
