import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildRpms, type RpmDefinition } from './build-rpm.ts';
import { runTool } from './run-tool.ts';
import { type SigningKey, signFile, signingKey } from './signing-key.ts';

export interface YumPublication {
  /** How the metadata is compressed; `gz` if not given. */
  compress?: 'gz' | 'xz' | 'bz2' | 'zstd';
  /** False: no repomd.xml.asc. */
  sign?: boolean;
  /** A comps.xml with groups. */
  groups?: string;
}

/** A repository in a directory, made by rpmbuild, createrepo_c and gpg. */
export interface YumRepository {
  readonly directory: string;
  readonly key: SigningKey;
  /** Adds packages; together they are built faster than one by one. */
  add(...definitions: RpmDefinition[]): Promise<void>;
  /** Takes a package's file away; it leaves the index with the next publication. */
  withdraw(name: string, version: string): Promise<void>;
  publish(options?: YumPublication): Promise<void>;
}

/** What `createYumRepository` needs, for `ensureDebianPackages`. */
export const yumTools = ['rpm', 'createrepo-c', 'gpg', 'gpg-agent'];

/** Makes an empty repository: `repodata/` and the packages lie in the directory itself. */
export async function createYumRepository(options: {
  directory: string;
  key?: SigningKey;
}): Promise<YumRepository> {
  const { directory } = options;
  const key = options.key ?? (await signingKey());
  const packages = join(directory, 'packages');
  await mkdir(packages, { recursive: true });
  return {
    directory,
    key,
    async add(...definitions) {
      const built = await buildRpms(definitions);
      for (const [
        index,
        { name, version, release = '1', arch = 'noarch' },
      ] of definitions.entries())
        await copyFile(
          built[index] as string,
          join(packages, `${name}-${version}-${release}.${arch}.rpm`),
        );
    },
    async withdraw(name, version) {
      for (const file of await readdir(packages))
        if (file.startsWith(`${name}-${version}-`)) await rm(join(packages, file));
    },
    async publish({ compress = 'gz', sign = true, groups } = {}) {
      await createRepodata(directory, compress, groups);
      const repomd = join(directory, 'repodata/repomd.xml');
      if (sign) await signFile(key, repomd, `${repomd}.asc`, 'detached');
    },
  };
}

async function createRepodata(directory: string, compress: string, groups?: string): Promise<void> {
  await rm(join(directory, 'repodata'), { recursive: true, force: true });
  const args = ['--quiet', '--general-compress-type', compress, '--no-database'];
  if (groups !== undefined) {
    const file = join(directory, 'comps.xml');
    await writeFile(file, groups);
    args.push('--groupfile', file);
  }
  await runTool('createrepo_c', [...args, directory]);
}

/** The text of `repodata/repomd.xml` as it was published. */
export function readRepomd(repository: YumRepository): Promise<string> {
  return readFile(join(repository.directory, 'repodata/repomd.xml'), 'utf8');
}
