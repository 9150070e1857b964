import { join } from 'node:path';
import type { Manager } from '../../agent/packages/package-drivers.ts';
import type { DesiredSource } from '../../proto/desired-source.ts';
import type { PackageType } from '../../proto/package-line.ts';
import { aptTools, createAptRepository } from './apt-repository.ts';
import type { DebDefinition } from './build-deb.ts';
import type { RpmDefinition } from './build-rpm.ts';
import { createYumRepository, yumTools } from './yum-repository.ts';

/** A package in words that every kind knows. */
export interface PlainPackage {
  name: string;
  version: string;
  /** `libx`, `libx >= 2`. */
  needs?: readonly string[];
  recommends?: readonly string[];
  files?: Record<string, string>;
  conffiles?: readonly string[];
  /** Its script fails while it is installed. */
  fails?: boolean;
  /** Its script waits so many seconds. */
  essential?: boolean;
}

/** A kind of repository, as its package managers see it. */
export interface PackageKind {
  type: PackageType;
  /** Debian packages that it needs. */
  tools: readonly string[];
  anyArch: string;
  /** The machine's, as the tests have it. */
  ownArch: string;
  /** A version as the package manager writes it. */
  version(version: string): string;
  /** Makes a signed repository in a directory. */
  publish(directory: string, packages: readonly PlainPackage[]): Promise<{ publicKey: string }>;
  source(id: string, url: string, publicKey: string): DesiredSource;
}

export const kindOf: Record<Manager, PackageKind> = {
  apt: apt(),
  dnf: yum('dnf'),
  zypper: yum('zypper'),
};

const plainSource = {
  trusted: false,
  debsrc: false,
  priority: 500,
  include: [],
  exclude: [],
  options: {},
  auth: null,
  proxy: null,
  file: null,
};

function apt(): PackageKind {
  return {
    type: 'deb',
    tools: aptTools,
    anyArch: 'all',
    ownArch: 'amd64',
    version: (version) => version,
    async publish(directory, packages) {
      const repository = await createAptRepository({ directory });
      for (const one of packages) await repository.add(debOf(one));
      await repository.publish({ suite: suiteOf(directory) });
      return { publicKey: repository.key.publicKey };
    },
    source(id, url, publicKey) {
      const suite = suiteOf(url);
      const index = `${url}/dists/${suite}/main/binary-amd64/`;
      return {
        ...plainSource,
        id,
        type: 'apt',
        urls: [{ url: index, component: 'main', arch: 'amd64' }],
        base: `${url}/`,
        flat: false,
        suite,
        components: ['main'],
        archs: ['amd64'],
        signedBy: publicKey,
      };
    },
  };
}

const suiteOf = (path: string): string => path.split('/').at(-1) ?? '';

function debOf(one: PlainPackage): DebDefinition {
  const relation = (text: string): string => text.replace(/^(\S+) (\S+) (\S+)$/, '$1 ($2 $3)');
  const { name, version, needs = [], recommends = [] } = one;
  return {
    name,
    version,
    fields: {
      ...(needs.length > 0 && { Depends: needs.map(relation).join(', ') }),
      ...(recommends.length > 0 && { Recommends: recommends.join(', ') }),
      ...(one.essential && { Essential: 'yes' }),
    },
    files: one.files ?? { [`/usr/share/${name}/file`]: `${name} ${version}\n` },
    ...(one.conffiles && { conffiles: one.conffiles }),
    ...(one.fails && { scripts: { postinst: 'echo "the oil is out" >&2; exit 3' } }),
  };
}

function yum(manager: 'dnf' | 'zypper'): PackageKind {
  return {
    type: 'rpm',
    tools: [...yumTools, manager, 'python3-librepo'].slice(0, manager === 'dnf' ? undefined : -1),
    anyArch: 'noarch',
    ownArch: 'x86_64',
    version: (version) => `${version}-1`,
    async publish(directory, packages) {
      const repository = await createYumRepository({ directory });
      await repository.add(...packages.map(rpmOf));
      await repository.publish();
      return { publicKey: repository.key.publicKey };
    },
    source: (id, url, publicKey) => ({
      ...plainSource,
      id,
      type: 'yum',
      urls: [{ url: `${url}/`, component: null, arch: null }],
      base: `${url}/`,
      flat: true,
      suite: null,
      components: [],
      archs: ['noarch'],
      signedBy: publicKey,
    }),
  };
}

/** Scripts in rpm's own language: a bare root has no shell. */
function rpmOf(one: PlainPackage): RpmDefinition {
  const { name, version, needs, recommends, files, conffiles, fails } = one;
  return {
    name,
    version,
    ...(needs && { requires: needs }),
    ...(recommends && { recommends }),
    files: files ?? { [`/usr/share/${name}/file`]: `${name} ${version}\n` },
    ...(conffiles && { config: conffiles }),
    ...(fails && { scripts: { 'pre -p <lua>': 'error("the oil is out")' } }),
  };
}

export const packagesDirectory = (base: string, name: string): string => join(base, name);
