import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDERS = [
  'etc/apt/apt.conf.d',
  'etc/apt/preferences.d',
  'etc/apt/sources.list.d',
  'var/lib/apt/lists/partial',
  'var/lib/dpkg',
  'var/cache/apt/archives/partial',
  'var/log/apt',
];

/** Makes the folders that apt looks for below a root of its own. */
export function makeAptFolders(root: string): void {
  for (const folder of FOLDERS) mkdirSync(join(root, folder), { recursive: true });
}

/** Makes an empty root of apt's own, with nothing installed; gives the options that make apt-get keep to it. */
export function rootOptions(root: string, arch: string): string[] {
  makeAptFolders(root);
  const status = join(root, 'var/lib/dpkg/status');
  writeFileSync(status, '');
  const settings = {
    Dir: root,
    'Dir::State::status': status,
    'Dir::Etc::parts': 'none',
    'Dir::Bin::methods': '/usr/lib/apt/methods',
    'Dir::Cache::pkgcache': 'pkgcache.bin',
    'Dir::Cache::srcpkgcache': 'srcpkgcache.bin',
    'APT::Architecture': arch,
    'APT::Architectures': arch,
    'APT::Sandbox::User': 'root',
    'APT::Install-Suggests': 'false',
    'Acquire::Languages': 'none',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}
