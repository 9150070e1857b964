import { JamesError } from '../../../proto/errors.ts';
import type { Source } from '../../../proto/source.ts';
import type { PackageRecord } from '../../resolver/core/universe.ts';
import { contentDigest } from '../content-digest.ts';
import { architectureWord, rpmArchitectures } from '../core/architectures.ts';
import { fileBelow, folderUrl, shownUrl } from '../core/repository-url.ts';
import { readRpmComps } from '../core/rpm-comps.ts';
import { readRpmFilelists } from '../core/rpm-filelists.ts';
import { readRpmPrimary } from '../core/rpm-primary.ts';
import { parseRepomd, type Repomd, type RepomdFile, repomdFile } from '../core/rpm-repomd.ts';
import type { Fetch, IndexAddress, IndexFacts, SourceKind } from '../source-kind.ts';
import { unsigned } from '../unsigned.ts';

/** rpm-md repositories, as yum, dnf and zypper read them. */
export const yum: SourceKind = {
  type: 'yum',
  family: 'rpm',
  sentinels: [
    ...['redhat', 'rhel', 'centos', 'fedora', 'rocky', 'almalinux', 'ol', 'amzn'],
    ...['opensuse', 'opensuse-leap', 'opensuse-tumbleweed', 'sles', 'suse'],
  ],
  archOf: (word) => architectureWord(rpmArchitectures, word),
  urls,
  read,
  provides,
};

/** Bcfg2's layout: `URL/VERSION/COMPONENT/ARCH/`; a part that the source does not name is left out. */
function urls(source: Source, archs: readonly string[]): IndexAddress[] {
  if (source.rawUrl !== undefined)
    return [{ component: null, arch: null, url: folderUrl(source.rawUrl) }];
  const root = below(folderUrl(source.url ?? ''), source.suite);
  const components = source.components?.length ? source.components : [null];
  return components.flatMap((component) =>
    archs.map((arch) => ({ component, arch, url: below(below(root, component), arch) })),
  );
}

function below(folder: string, part: string | null | undefined): string {
  const name = (part ?? '').replace(/^\/+|\/+$/g, '');
  return name === '' ? folder : `${folder}${name}/`;
}

async function read(
  source: Source,
  index: IndexAddress,
  fetch: Fetch,
  add: (record: PackageRecord) => void,
): Promise<IndexFacts> {
  const { repomd, digest } = await fetchRepomd(source, index, fetch);
  const primary = await fetchData(repomd, 'primary', source, index, fetch);
  if (!primary) throw new JamesError('bad-index', `${shownUrl(index.url)} has no primary.xml.`);
  readRpmPrimary(primary, add);
  const groups =
    (await fetchData(repomd, 'group', source, index, fetch)) ??
    (await fetchData(repomd, 'group_gz', source, index, fetch));
  if (groups) for (const record of readRpmComps(Buffer.from(groups).toString('utf8'))) add(record);
  const { date } = repomd;
  return { digest, date, validUntil: null, notAutomatic: false, butAutomaticUpgrades: false };
}

async function provides(
  source: Source,
  index: IndexAddress,
  fetch: Fetch,
  paths: ReadonlySet<string>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { repomd } = await fetchRepomd(source, index, fetch);
  const filelists = await fetchData(repomd, 'filelists', source, index, fetch);
  return filelists ? readRpmFilelists(filelists, paths) : new Map();
}

/** repomd.xml, verified: a source with keys demands a signature if it does not say `trusted`. */
async function fetchRepomd(
  { signedBy, trusted = false }: Source,
  { url }: IndexAddress,
  fetch: Fetch,
): Promise<{ repomd: Repomd; digest: string }> {
  const address = `${url}repodata/repomd.xml`;
  const file = await fetch.file(address);
  if (!file) throw new JamesError('bad-index', `There is no ${shownUrl(address)}.`);
  if (signedBy !== undefined) {
    const signature = await fetch.file(`${address}.asc`, { optional: true });
    if (signature) await fetch.verifyDetached(file, signature);
    else if (!trusted) throw unsigned(address, 'it has no signature (repomd.xml.asc)');
  } else if (!trusted) throw unsigned(address, 'the source has no keys (signedBy)');
  const repomd = parseRepomd(Buffer.from(file.bytes).toString('utf8'));
  return { repomd, digest: contentDigest(file.bytes) };
}

/** A file that repomd.xml names; null if it names none of the type. */
async function fetchData(
  repomd: Repomd,
  type: string,
  { trusted = false }: Source,
  { url }: IndexAddress,
  fetch: Fetch,
): Promise<Uint8Array | null> {
  const listed = repomdFile(repomd, type);
  if (!listed) return null;
  const address = fileBelow(url, listed.location);
  const expected = expectedOf(listed);
  if (!expected && !trusted) {
    const sentence = `${shownUrl(url)}repodata/repomd.xml has no SHA-256 or SHA-512 of its ${type}.`;
    throw new JamesError('bad-index', sentence);
  }
  const file = await fetch.file(address, expected ? { expected } : {});
  return file?.bytes ?? null;
}

function expectedOf({ sha256, sha512, size, openSize }: RepomdFile) {
  if (sha256 === null && sha512 === null) return null;
  return {
    ...(sha256 !== null && { sha256 }),
    ...(sha512 !== null && { sha512 }),
    ...(size !== null && { size }),
    ...(openSize !== null && { openSize }),
  };
}
