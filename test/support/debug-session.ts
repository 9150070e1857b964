import type { DebDefinition } from './build-deb.ts';
import type { RpmDefinition } from './build-rpm.ts';

/** What each package of Debian depends on: the packages that the resolver's session of the ancestor's page is about. */
const depends: Record<string, string> = {
  ssh: 'openssh-client, openssh-server',
  'openssh-client': 'libc6, libedit2, passwd',
  'openssh-server': 'libc6, libpam0g, libssl3, debconf, libpam-modules, adduser, lsb-base',
  debconf: 'debconf-i18n',
  'debconf-i18n': 'liblocale-gettext-perl, libtext-iconv-perl, libtext-charwidth-perl',
  'liblocale-gettext-perl': 'libc6, perlapi-5.36.0',
  'libtext-iconv-perl': 'libc6, perlapi-5.36.0',
  'libtext-charwidth-perl': 'libc6, perlapi-5.36.0',
  adduser: 'perl-base, passwd',
  'lsb-base': 'sed, ncurses-bin',
  passwd: 'debianutils, libpam-modules',
  'libpam-modules': 'libc6, libdb5.3',
  libc6: 'libgcc-s1',
  'libgcc-s1': 'gcc-12-base',
};
const others = [
  ...['libedit2', 'libpam0g', 'libssl3', 'sed', 'ncurses-bin', 'debianutils', 'libdb5.3'],
  ...['gcc-12-base', 'openssh-sftp-server'],
];

/** The packages of `ssh` as .deb files; `openssh-server` also recommends `openssh-sftp-server`. */
export const sshDebs: readonly DebDefinition[] = [
  ...[...Object.keys(depends), ...others].map(
    (name): DebDefinition => ({
      ...{ name, version: '1.0-1', arch: 'amd64' },
      fields: {
        ...(depends[name] !== undefined && { Depends: depends[name] }),
        ...(name === 'openssh-server' && { Recommends: 'openssh-sftp-server' }),
        Description: `what ${name} is for`,
      },
    }),
  ),
  {
    ...{ name: 'perl-base', version: '5.36.0-7', arch: 'amd64' },
    fields: { Depends: 'libc6', Provides: 'perlapi-5.36.0' },
  },
];

/** The packages of `mailer` as .rpm files, with a name, a file and a condition that something else serves. */
export const mailerRpms: readonly RpmDefinition[] = [
  {
    ...{ name: 'mailer', version: '1', requires: ['smtp-daemon', '/usr/bin/spell', 'mail-libs'] },
    recommends: ['mail-doc'],
  },
  { name: 'carrier', version: '3', provides: ['smtp-daemon'], requires: ['mail-libs >= 2'] },
  { name: 'speller', version: '1', files: { '/usr/bin/spell': 'spell' } },
  { name: 'mail-libs', version: '2', requires: ['(mail-utils if mailer)'] },
  { name: 'mail-utils', version: '1' },
  { name: 'mail-doc', version: '1' },
];
