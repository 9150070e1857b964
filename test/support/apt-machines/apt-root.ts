import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InstalledStanza, Machine, Stanza } from '../../conformance/apt/machine.ts';
import { makeAptFolders } from '../apt-root-options.ts';

/** What apt-get said; `ok` if it ended without an error. */
export interface Said {
  ok: boolean;
  output: string;
}

/** Which apt is asked: the words that run its apt-get, and its solver. */
export interface AptInUse {
  program: readonly [string, ...string[]];
  solver: 'internal' | '3.0';
}

/** The apt of this machine. */
const ownApt: AptInUse = { program: ['apt-get'], solver: 'internal' };

/**
 * Writes a machine as a root of apt's own: lists as if they were fetched, dpkg's status, marks. Gives what runs apt-get
 * there; it only simulates, and nothing outside the root is read or written.
 */
export function aptRoot(
  root: string,
  machine: Machine,
  apt = ownApt,
): (words: readonly string[]) => Promise<Said> {
  makeAptFolders(root);
  const write = (path: string, text: string): void => writeFileSync(join(root, path), text);
  const releases = [...machine.releases];
  write('etc/apt/sources.list', releases.map(([release]) => sourceLine(release)).join(''));
  for (const [release, stanzas] of releases) writeRelease(write, machine.archs, release, stanzas);
  write('var/lib/dpkg/status', machine.installed.map(statusOf).join('\n'));
  write('var/lib/apt/extended_states', marksOf(machine));
  write('apt.conf', settingsOf(root, machine.archs, apt));
  return (words) => aptGet(apt.program, join(root, 'apt.conf'), ['--simulate', ...words]);
}

const sourceLine = (release: string): string =>
  `deb [trusted=yes] http://example.org/d ${release} main\n`;

function writeRelease(
  write: (path: string, text: string) => void,
  archs: readonly string[],
  release: string,
  stanzas: readonly Stanza[],
): void {
  const base = `var/lib/apt/lists/example.org_d_dists_${release}`;
  const names = [`Suite: ${release}`, `Codename: ${release}`, 'Components: main'];
  write(`${base}_Release`, [...names, `Architectures: ${archs.join(' ')}`, ''].join('\n'));
  for (const arch of archs) {
    const offered = stanzas.filter((one) => one.arch === arch || one.arch === 'all');
    write(`${base}_main_binary-${arch}_Packages`, offered.map(offerOf).join('\n'));
  }
}

function offerOf({ name, arch, version, fields }: Stanza): string {
  const file = `Filename: x/${name}_${version}_${arch}.deb\nSize: 1\nSHA256: ${'0'.repeat(64)}\n`;
  return `Package: ${name}\nArchitecture: ${arch}\nVersion: ${version}\n${fields}\n${file}`;
}

function statusOf({ name, arch, version, fields, hold }: InstalledStanza): string {
  const status = `Status: ${hold ? 'hold' : 'install'} ok installed`;
  const rest = `Version: ${version}\nMaintainer: x\nDescription: x\n${fields}\n`;
  return `Package: ${name}\n${status}\nArchitecture: ${arch}\n${rest}`;
}

function marksOf({ archs, installed }: Machine): string {
  const slot = (arch: string): string => (arch === 'all' ? (archs[0] ?? '') : arch);
  return installed
    .filter(({ auto }) => auto)
    .map(({ name, arch }) => `Package: ${name}\nArchitecture: ${slot(arch)}\nAuto-Installed: 1\n`)
    .join('\n');
}

function settingsOf(root: string, archs: readonly string[], { solver }: AptInUse): string {
  return [
    `Dir "${root}";`,
    `Dir::State::status "${root}/var/lib/dpkg/status";`,
    'Dir::Cache::pkgcache "";',
    'Dir::Cache::srcpkgcache "";',
    'Dir::Bin::methods "/usr/lib/apt/methods";',
    `APT::Architecture "${archs[0]}";`,
    ...archs.map((arch) => `APT::Architectures:: "${arch}";`),
    'APT::Get::Show-User-Simulation-Note "false";',
    `APT::Solver "${solver}";`,
    'Acquire::Languages "none";',
  ].join('\n');
}

function aptGet(
  [command, ...before]: AptInUse['program'],
  settings: string,
  words: readonly string[],
): Promise<Said> {
  const env = { PATH: process.env.PATH ?? '', APT_CONFIG: settings, LC_ALL: 'C' };
  return new Promise((resolve, reject) => {
    execFile(command, [...before, ...words], { env }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error);
      else resolve({ ok: error === null, output: stdout + stderr });
    });
  });
}
