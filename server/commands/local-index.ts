import { type Dirent, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { JamesError } from '../../proto/errors.ts';
import { unownedPathsOf } from '../resolver/core/rpm/unowned-paths.ts';
import type { Family, PackageRecord, Universe } from '../resolver/core/universe.ts';
import { createUniverseBuilder } from '../resolver/core/universe-builder.ts';
import { readDebPackages } from '../sources/core/deb-packages.ts';
import { readRelease } from '../sources/core/deb-release.ts';
import { readRpmComps } from '../sources/core/rpm-comps.ts';
import { readRpmFilelists } from '../sources/core/rpm-filelists.ts';
import { readRpmPrimary } from '../sources/core/rpm-primary.ts';
import { parseRepomd, repomdFile } from '../sources/core/rpm-repomd.ts';
import { decompress } from '../sources/fetching/decompress.ts';

/** An index on this machine, read. */
export interface LocalIndex {
  path: string;
  family: Family;
  universe: Universe;
  notAutomatic: boolean;
  butAutomaticUpgrades: boolean;
}

const LARGEST = 2 * 1024 ** 3;
const PACKAGES = [
  'Packages',
  'Packages.gz',
  'Packages.zst',
  'Packages.xz',
  'Packages.bz2',
  'Packages.lz4',
];
const DEEPEST = 8;

/**
 * Reads what a path holds: a `Packages` or primary.xml file, compressed or not, or the directory of an APT repository
 * (flat, or with `dists/`) or of an rpm-md one. `archs` picks among `binary-…` directories. Throws `usage` if there is no
 * such path, and `bad-index` for what cannot be read.
 */
export async function readLocalIndexes(
  path: string,
  archs: readonly string[],
): Promise<LocalIndex[]> {
  if (!existsSync(path)) throw new JamesError('usage', `There is no source ${path}.`);
  if (!statSync(path).isDirectory()) return [await readFile(path)];
  const repomd = join(path, 'repodata', 'repomd.xml');
  if (existsSync(repomd)) return [await readRpmRepository(path, repomd)];
  const flat = packagesIn(path);
  if (flat) return [{ ...(await readFile(flat)), ...flagsOf(path) }];
  const found = suitesBelow(join(path, 'dists'), archs);
  if (found.length > 0)
    return Promise.all(
      found.map(async ({ file, suite }) => ({ ...(await readFile(file)), ...flagsOf(suite) })),
    );
  throw new JamesError(
    'bad-index',
    `${path} holds neither Packages, nor dists/ with packages for ${archs.join(', ')}, nor repodata/repomd.xml.`,
  );
}

async function readFile(path: string): Promise<LocalIndex> {
  const bytes = await decompress(readFileSync(path), LARGEST, path);
  const family = looksLikeXml(bytes) ? 'rpm' : 'deb';
  const builder = createUniverseBuilder(family);
  try {
    if (family === 'rpm') readRpmPrimary(bytes, builder.add);
    else readDebPackages(bytes, builder.add);
  } catch (cause) {
    if (!(cause instanceof JamesError)) throw cause;
    throw new JamesError('bad-index', `${path}: ${cause.message}`, { cause });
  }
  const plain = { notAutomatic: false, butAutomaticUpgrades: false };
  return { path, family, universe: builder.build(), ...plain };
}

const looksLikeXml = (bytes: Uint8Array): boolean =>
  /^\uFEFF?\s*</.test(new TextDecoder().decode(bytes.subarray(0, 64)));

/** The packages of primary.xml; files that they need and that it leaves out are looked up in filelists.xml. */
async function readRpmRepository(path: string, repomd: string): Promise<LocalIndex> {
  const files = parseRepomd(readFileSync(repomd, 'utf8'));
  const bytesOf = async (type: string): Promise<Uint8Array | null> => {
    const file = repomdFile(files, type);
    if (!file) return null;
    const place = join(path, file.location);
    return decompress(readFileSync(place), LARGEST, place);
  };
  const primary = await bytesOf('primary');
  if (!primary) throw new JamesError('bad-index', `${repomd} names no primary.xml.`);
  const records: PackageRecord[] = [];
  readRpmPrimary(primary, (record) => records.push(record));
  const missing = unownedPathsOf(records);
  const lists = missing.size > 0 ? await bytesOf('filelists') : null;
  const owned = lists ? readRpmFilelists(lists, missing) : new Map<string, readonly string[]>();
  const groups = await bytesOf('group');
  if (groups) records.push(...readRpmComps(new TextDecoder().decode(groups)));
  const builder = createUniverseBuilder('rpm');
  for (const record of records) {
    const more = owned.get(`${record.name} ${record.version} ${record.arch}`) ?? [];
    builder.add(
      more.length === 0 ? record : { ...record, files: [...(record.files ?? []), ...more] },
    );
  }
  const plain = { notAutomatic: false, butAutomaticUpgrades: false };
  return { path, family: 'rpm', universe: builder.build(), ...plain };
}

function packagesIn(directory: string): string | null {
  const name = PACKAGES.find((one) => existsSync(join(directory, one)));
  return name === undefined ? null : join(directory, name);
}

/** NotAutomatic and ButAutomaticUpgrades of the Release beside an index; none, where there is no Release. */
function flagsOf(directory: string) {
  for (const name of ['Release', 'InRelease']) {
    const path = join(directory, name);
    if (!existsSync(path)) continue;
    const { notAutomatic, butAutomaticUpgrades } = readRelease(withoutSignature(path));
    return { notAutomatic, butAutomaticUpgrades };
  }
  return {};
}

/** The text of a Release without the frame of a cleartext signature. */
function withoutSignature(path: string): Uint8Array {
  const text = readFileSync(path, 'utf8');
  const body = text.replace(/^-----BEGIN PGP SIGNED MESSAGE-----\n[\s\S]*?\n\n/, '');
  return Buffer.from(body.replace(/\n-----BEGIN PGP SIGNATURE-----[\s\S]*$/, '\n'));
}

interface Found {
  file: string;
  suite: string;
}

/** `dists/SUITE/COMPONENT/binary-ARCH`, where suites and components may have slashes. */
function suitesBelow(directory: string, archs: readonly string[], suite = '', depth = 0): Found[] {
  if (depth > DEEPEST || !existsSync(directory)) return [];
  const isSuite = ['Release', 'InRelease'].some((name) => existsSync(join(directory, name)));
  const own = isSuite && suite === '' ? directory : suite;
  const wanted = [...archs, 'all'].map((arch) => `binary-${arch}`);
  return directoriesIn(directory).flatMap((name) => {
    const below = join(directory, name);
    if (!name.startsWith('binary-')) return suitesBelow(below, archs, own, depth + 1);
    const file = wanted.includes(name) ? packagesIn(below) : null;
    return file === null ? [] : [{ file, suite: own === '' ? directory : own }];
  });
}

function directoriesIn(directory: string): string[] {
  const isDirectory = (entry: Dirent): boolean => entry.isDirectory();
  return readdirSync(directory, { withFileTypes: true })
    .filter(isDirectory)
    .map(({ name }) => name)
    .sort();
}
