import { JamesError } from '../../../proto/errors.ts';
import type { Source } from '../../../proto/source.ts';
import type { PackageRecord } from '../../resolver/core/universe.ts';
import { contentDigest } from '../content-digest.ts';
import { aptArchitectures, architectureWord } from '../core/architectures.ts';
import { readDebPackages } from '../core/deb-packages.ts';
import { type Release, type ReleaseFile, readRelease } from '../core/deb-release.ts';
import { fileBelow, folderUrl, shownUrl } from '../core/repository-url.ts';
import type { Fetch, FetchedFile, IndexAddress, IndexFacts, SourceKind } from '../source-kind.ts';
import { unsigned } from '../unsigned.ts';

/** Endings of Packages, those first that cost least to read. */
const ENDINGS = ['.gz', '.zst', '.xz', '.bz2', ''];

/** APT repositories: suites with components and architectures, and flat ones. */
export const apt: SourceKind = {
  type: 'apt',
  family: 'deb',
  sentinels: ['debian', 'ubuntu', 'nexenta', 'raspbian', 'devuan', 'linuxmint'],
  archOf(word, os) {
    // Raspbian's armhf is made for ARMv6.
    if (os === 'raspbian' && word === 'armv6l') return 'armhf';
    return architectureWord(aptArchitectures, word);
  },
  urls,
  read,
};

function urls(source: Source, archs: readonly string[]): IndexAddress[] {
  const flat = flatUrl(source);
  if (flat !== null) return [{ component: null, arch: null, url: flat }];
  const suite = suiteUrl(source);
  const components = source.components?.length ? source.components : ['main'];
  return components.flatMap((component) =>
    archs.map((arch) => ({ component, arch, url: `${suite}${component}/binary-${arch}/` })),
  );
}

/** sources.list(5): where the suite ends with a slash, it is a directory that holds the index itself. */
function flatUrl({ url = '', rawUrl, suite }: Source): string | null {
  if (rawUrl !== undefined) return folderUrl(rawUrl);
  if (suite === undefined || !suite.endsWith('/')) return null;
  const below = suite.replace(/^\.?\/+|\/+$/g, '');
  return below === '' ? folderUrl(url) : folderUrl(folderUrl(url) + below);
}

function suiteUrl({ url = '', suite = 'stable' }: Source): string {
  return `${folderUrl(url)}dists/${suite}/`;
}

async function read(
  source: Source,
  index: IndexAddress,
  fetch: Fetch,
  add: (record: PackageRecord) => void,
): Promise<IndexFacts> {
  const root = flatUrl(source) ?? suiteUrl(source);
  const found = await fetchRelease(source, root, fetch);
  const path = `${index.url.slice(root.length)}Packages`;
  const file = found
    ? await fetchListed(found, root, path, fetch)
    : await fetchUnlisted(root, path, fetch);
  const independent = found && independentPath(found, index);
  const seen = new Set<string>();
  readDebPackages(file.bytes, (record) => {
    if (independent && record.arch === 'all') seen.add(`${record.name} ${record.version}`);
    add(record);
  });
  if (independent) {
    const { bytes } = await fetchListed(found, root, independent, fetch);
    readDebPackages(bytes, (record) => {
      if (!seen.has(`${record.name} ${record.version}`)) add(record);
    });
  }
  return {
    digest: found?.digest ?? contentDigest(file.bytes),
    date: found?.date ?? null,
    validUntil: found?.validUntil ?? null,
    notAutomatic: found?.notAutomatic ?? false,
    butAutomaticUpgrades: found?.butAutomaticUpgrades ?? false,
  };
}

/**
 * The list of packages for all architectures, where the repository keeps it apart: it has one and does not say that the
 * others hold it too (`No-Support-for-Architecture-all: Packages`).
 */
function independentPath(release: Release, { component, arch }: IndexAddress): string | null {
  if (component === null || arch === 'all' || release.noSupportForArchitectureAll) return null;
  const path = `${component}/binary-all/Packages`;
  const isListed = ENDINGS.some((ending) => release.files.has(path + ending));
  return isListed && release.architectures.includes('all') ? path : null;
}

type VerifiedRelease = Release & { digest: string };

/** The Release file, verified; null where a trusted repository has none. */
async function fetchRelease(
  source: Source,
  root: string,
  fetch: Fetch,
): Promise<VerifiedRelease | null> {
  const bytes = await fetchSigned(source, root, fetch);
  if (!bytes) return null;
  const release = readRelease(bytes);
  if (release.files.size > 0) return { ...release, digest: contentDigest(bytes) };
  throw new JamesError(
    'bad-index',
    `${shownUrl(root)}Release lists no file with SHA256 or SHA512, so it proves nothing.`,
  );
}

/** The text of InRelease, else of Release; a source with keys demands a signature if it does not say `trusted`. */
async function fetchSigned(source: Source, root: string, fetch: Fetch): Promise<Uint8Array | null> {
  const { signedBy, trusted = false } = source;
  if (signedBy !== undefined) {
    const inline = await fetch.file(`${root}InRelease`, { optional: true });
    if (inline) return Buffer.from(await fetch.verifyCleartext(inline));
  }
  const release = await fetch.file(`${root}Release`, { optional: true });
  if (!release) {
    if (trusted) return null;
    throw new JamesError(
      'source-unreachable',
      `${shownUrl(root)} has neither InRelease nor Release: no APT repository is there, or not any more.`,
    );
  }
  if (signedBy !== undefined) {
    const signature = await fetch.file(`${root}Release.gpg`, { optional: true });
    if (signature) await fetch.verifyDetached(release, signature);
    else if (!trusted) throw unsigned(root, 'it has neither InRelease nor Release.gpg');
  } else if (!trusted) throw unsigned(root, 'the source has no keys (signedBy)');
  return release.bytes;
}

/** Packages as the Release lists it, by its checksum where the repository says that this works. */
async function fetchListed(
  release: VerifiedRelease,
  root: string,
  path: string,
  fetch: Fetch,
): Promise<FetchedFile> {
  const candidates = ENDINGS.map((ending) => release.files.get(path + ending));
  const listed = candidates.filter((file): file is ReleaseFile => file !== undefined);
  const openSize = release.files.get(path)?.size;
  for (const file of listed) {
    const { sha256, sha512, size } = file;
    const expected = {
      ...(sha256 && { sha256 }),
      ...(sha512 && { sha512 }),
      ...(openSize !== undefined && { openSize }),
      size,
    };
    for (const address of addressesOf(release, root, file)) {
      const found = await fetch.file(address, { expected, optional: true });
      if (found) return found;
    }
  }
  const why =
    listed.length > 0 ? 'the repository does not have it' : 'the Release does not list it';
  throw new JamesError('bad-index', `There is no ${shownUrl(root)}${path}: ${why}.`);
}

function addressesOf(release: Release, root: string, file: ReleaseFile): string[] {
  const plain = fileBelow(root, file.path);
  if (!release.acquireByHash) return [plain];
  const folder = plain.slice(0, plain.lastIndexOf('/') + 1);
  const name = file.sha256 ? `SHA256/${file.sha256}` : `SHA512/${file.sha512}`;
  return [`${folder}by-hash/${name}`, plain];
}

/** Without a Release: whatever is there. */
async function fetchUnlisted(root: string, path: string, fetch: Fetch): Promise<FetchedFile> {
  for (const ending of ENDINGS) {
    const found = await fetch.file(fileBelow(root, path + ending), { optional: true });
    if (found) return found;
  }
  throw new JamesError(
    'bad-index',
    `There is neither a Release nor a Packages in ${shownUrl(root)}.`,
  );
}
