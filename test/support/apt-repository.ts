import { copyFile, mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildDeb, type DebDefinition } from './build-deb.ts';
import { runTool } from './run-tool.ts';
import { type SigningKey, signFile, signingKey } from './signing-key.ts';

/** What is published of the packages that were added. */
export interface AptPublication {
  /** `stable` if not given. */
  suite?: string;
  /** `main` if not given; a package lies in the component that `add` named. */
  components?: readonly string[];
  /** `amd64` if not given. Each index also holds the packages for all architectures. */
  archs?: readonly string[];
  /** Of the Release file; now and never if not given. */
  date?: Date;
  validUntil?: Date;
  /** Indexes also by their checksum, and `Acquire-By-Hash: yes`. */
  byHash?: boolean;
  /** False: neither InRelease nor Release.gpg. `detached`: no InRelease. */
  sign?: boolean | 'detached';
  /** Further fields of the Release file, such as `NotAutomatic`. */
  release?: Record<string, string>;
  /** True: a flat repository: Packages and Release in the directory itself. */
  flat?: boolean;
}

/** A repository in a directory, made by dpkg-deb, apt-ftparchive and gpg. */
export interface AptRepository {
  readonly directory: string;
  readonly key: SigningKey;
  add(definition: DebDefinition, component?: string): Promise<void>;
  /** Takes a package's file away; it leaves the index with the next publication. */
  withdraw(name: string, version: string): Promise<void>;
  publish(options?: AptPublication): Promise<void>;
}

/** Makes an empty repository; needs the Debian packages `aptTools`. */
export async function createAptRepository(options: {
  directory: string;
  key?: SigningKey;
}): Promise<AptRepository> {
  const { directory } = options;
  const key = options.key ?? (await signingKey());
  await mkdir(directory, { recursive: true });
  const firstAt = Date.now() - 3_600_000;
  let publications = 0;
  return {
    directory,
    key,
    async add(definition, component = 'main') {
      const { name, version, arch = 'all' } = definition;
      const pool = join(directory, 'pool', component);
      await mkdir(pool, { recursive: true });
      const file = `${name}_${version.replace(/^\d+:/, '')}_${arch}.deb`;
      await copyFile(await buildDeb(definition), join(pool, file));
    },
    withdraw: (name, version) => withdraw(directory, `${name}_${version.replace(/^\d+:/, '')}_`),
    async publish(publication = {}) {
      const root = publication.flat
        ? directory
        : join(directory, 'dists', publication.suite ?? 'stable');
      await rm(join(directory, 'dists', publication.suite ?? 'stable'), {
        recursive: true,
        force: true,
      });
      await mkdir(root, { recursive: true });
      await writeIndexes(directory, root, publication);
      await writeRelease(root, publication);
      await sign(root, key, publication.sign ?? true);
      publications += 1;
      await dateFiles(root, firstAt + publications * 1000);
    },
  };
}

/** What `createAptRepository` needs, for `ensureDebianPackages`. */
export const aptTools = ['dpkg-dev', 'apt-utils', 'gpg', 'gpg-agent', 'xz-utils'];

async function withdraw(directory: string, beginning: string): Promise<void> {
  const pool = join(directory, 'pool');
  for (const path of await readdir(pool, { recursive: true })) {
    if (path.split('/').at(-1)?.startsWith(beginning)) await rm(join(pool, path));
  }
}

async function writeIndexes(
  directory: string,
  root: string,
  { components = ['main'], archs = ['amd64'], byHash = false, flat = false }: AptPublication,
): Promise<void> {
  if (flat) return writeIndex(root, await scan(directory, 'pool', null), byHash);
  for (const component of components) {
    await mkdir(join(directory, 'pool', component), { recursive: true });
    for (const arch of archs) {
      const text = await scan(directory, `pool/${component}`, arch);
      await writeIndex(join(root, component, `binary-${arch}`), text, byHash);
    }
  }
}

function scan(directory: string, pool: string, arch: string | null): Promise<string> {
  const only = arch === null ? [] : ['--arch', arch];
  return runTool('apt-ftparchive', [...only, 'packages', pool], { cwd: directory });
}

async function writeIndex(directory: string, text: string, byHash: boolean): Promise<void> {
  await mkdir(directory, { recursive: true });
  const plain = join(directory, 'Packages');
  await writeFile(plain, text);
  await writeFile(`${plain}.gz`, gzipSync(text));
  await runTool('xz', ['--keep', '--force', '-1', plain]);
  if (byHash) await linkByHash(directory, ['Packages', 'Packages.gz', 'Packages.xz']);
}

async function linkByHash(directory: string, names: readonly string[]): Promise<void> {
  await mkdir(join(directory, 'by-hash/SHA256'), { recursive: true });
  for (const name of names) {
    const line = await runTool('sha256sum', [name], { cwd: directory });
    const [digest = ''] = line.split(' ');
    await copyFile(join(directory, name), join(directory, 'by-hash/SHA256', digest));
  }
}

/** apt-ftparchive would list the Release file itself, half written: it is made elsewhere first. */
async function writeRelease(root: string, publication: AptPublication): Promise<void> {
  const { suite = 'stable', components = ['main'], archs = ['amd64'], byHash } = publication;
  const fields: Record<string, string> = {
    Suite: suite,
    Codename: suite,
    Components: components.join(' '),
    Architectures: archs.join(' '),
    ...{ MD5: 'false', SHA1: 'false', SHA512: 'false' },
    ...(byHash && { 'Acquire-By-Hash': 'yes' }),
    ...publication.release,
  };
  for (const name of ['Release', 'InRelease', 'Release.gpg'])
    await rm(join(root, name), { force: true });
  const options = Object.entries(fields).flatMap(([field, value]) => [
    '-o',
    `APT::FTPArchive::Release::${field}=${value}`,
  ]);
  const text = await runTool('apt-ftparchive', [...options, 'release', '.'], { cwd: root });
  await writeFile(join(root, 'Release'), withDates(text, publication));
}

/** apt-ftparchive writes the present time, and knows Valid-Until only as a number of seconds from then. */
function withDates(text: string, { date, validUntil }: AptPublication): string {
  return text.replace(/^Date: .*$/m, (line) =>
    [
      date ? `Date: ${date.toUTCString()}` : line,
      ...(validUntil ? [`Valid-Until: ${validUntil.toUTCString()}`] : []),
    ].join('\n'),
  );
}

async function sign(
  root: string,
  key: SigningKey,
  how: NonNullable<AptPublication['sign']>,
): Promise<void> {
  if (how === false) return;
  const release = join(root, 'Release');
  if (how !== 'detached') await signFile(key, release, join(root, 'InRelease'), 'cleartext');
  await signFile(key, release, join(root, 'Release.gpg'), 'detached');
}

/** HTTP has whole seconds: each publication gets one of its own, however quickly it follows the last. */
async function dateFiles(root: string, at: number): Promise<void> {
  for (const name of ['Release', 'InRelease', 'Release.gpg'])
    await utimes(join(root, name), at / 1000, at / 1000).catch(() => {});
}

/** The text of a Release file as it was published. */
export function readRelease({ directory }: AptRepository, suite = 'stable'): Promise<string> {
  return readFile(join(directory, 'dists', suite, 'Release'), 'utf8');
}
