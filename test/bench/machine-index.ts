import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { PackageRecord } from '../../server/resolver/core/universe.ts';
import { readDebPackages } from '../../server/sources/core/deb-packages.ts';

const LISTS = '/var/lib/apt/lists';

/** The packages of the machine's own largest APT index, as its lists have it. Null where there is none. */
export function readMachineIndex(): PackageRecord[] | null {
  const path = largestIndex();
  if (!path) return null;
  const text = execFileSync('/usr/lib/apt/apt-helper', ['cat-file', path], {
    maxBuffer: 1024 ** 3,
  });
  const records: PackageRecord[] = [];
  readDebPackages(text, (record) => records.push(record));
  return records;
}

function largestIndex(): string | undefined {
  try {
    return readdirSync(LISTS)
      .filter((name) => /_binary-[a-z0-9]+_Packages(\.[a-z0-9]+)?$/.test(name))
      .map((name) => join(LISTS, name))
      .sort((a, b) => statSync(b).size - statSync(a).size)[0];
  } catch {
    return undefined;
  }
}
