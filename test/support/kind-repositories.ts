import type { TestPackage, TestRepository } from '../suites/source-kind-suite.ts';
import { createAptRepository } from './apt-repository.ts';
import type { SigningKey } from './signing-key.ts';
import { createYumRepository } from './yum-repository.ts';

export interface RepositoryOptions {
  directory: string;
  key: SigningKey;
}

/** What has to be added and withdrawn so that exactly these packages are there. */
function createShelf() {
  let current: readonly TestPackage[] = [];
  const has = (list: readonly TestPackage[], [name, version]: TestPackage): boolean =>
    list.some(([otherName, otherVersion]) => otherName === name && otherVersion === version);
  return (wanted: readonly TestPackage[]) => {
    const added = wanted.filter((one) => !has(current, one));
    const gone = current.filter((one) => !has(wanted, one));
    current = wanted;
    return { added, gone };
  };
}

/** An APT repository with one suite, for the suite of kinds. */
export async function aptTestRepository(options: RepositoryOptions): Promise<TestRepository> {
  const repository = await createAptRepository(options);
  const change = createShelf();
  return {
    directory: options.directory,
    async publish(packages, { sign = true } = {}) {
      const { added, gone } = change(packages);
      for (const [name, version] of gone) await repository.withdraw(name, version);
      for (const [name, version] of added) await repository.add({ name, version });
      await repository.publish({ sign });
    },
    source: (url) => ({
      ...{ id: 'debian', type: 'apt', url, suite: 'stable', components: ['main'] },
      ...{ archs: ['amd64'], target: {}, signedBy: options.key.publicKey },
    }),
    root: 'InRelease',
    signature: 'InRelease',
    list: /\/Packages\.gz$/,
    version: (version) => version,
  };
}

/** A repository of rpm-md, for the suite of kinds. */
export async function yumTestRepository(options: RepositoryOptions): Promise<TestRepository> {
  const repository = await createYumRepository(options);
  const change = createShelf();
  return {
    directory: options.directory,
    async publish(packages, { sign = true } = {}) {
      const { added, gone } = change(packages);
      for (const [name, version] of gone) await repository.withdraw(name, version);
      await repository.add(...added.map(([name, version]) => ({ name, version })));
      await repository.publish({ sign });
    },
    source: (url) => ({
      ...{ id: 'fedora', type: 'yum', rawUrl: url, target: {}, signedBy: options.key.publicKey },
    }),
    root: 'repomd.xml',
    signature: 'repomd.xml.asc',
    list: /-primary\.xml\.gz$/,
    version: (version) => `${version}-1`,
  };
}
