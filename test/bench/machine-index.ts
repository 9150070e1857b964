import { execFileSync } from 'node:child_process';
import type { PackageRecord } from '../../server/resolver/core/universe.ts';
import { readDebPackages } from '../../server/sources/core/deb-packages.ts';
import { largestIndex } from '../support/distribution-index.ts';

/** The packages of the machine's own largest APT index, as its lists have it. Null where there is none. */
export function readMachineIndex(): PackageRecord[] | null {
  const path = largestIndex(
    execFileSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).trim(),
  );
  if (!path) return null;
  const text = execFileSync('/usr/lib/apt/apt-helper', ['cat-file', path], {
    maxBuffer: 1024 ** 3,
  });
  const records: PackageRecord[] = [];
  readDebPackages(text, (record) => records.push(record));
  return records;
}
