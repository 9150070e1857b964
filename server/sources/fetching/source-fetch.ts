import { JamesError } from '../../../proto/errors.ts';
import type { Source } from '../../../proto/source.ts';
import { folderUrl, parseRepositoryUrl, shownUrl } from '../core/repository-url.ts';
import type { ExpectedFile, Fetch } from '../source-kind.ts';
import { decompress } from './decompress.ts';
import { type DownloadParts, download, type KnownFile } from './download.ts';
import type { Verifier } from './verify.ts';

/** Files by their address. */
export type KnownFiles = Readonly<Record<string, KnownFile>>;

export interface SourceFetchParts extends DownloadParts {
  source: Pick<Source, 'url' | 'rawUrl'>;
  verifier: Verifier | null;
  /** What earlier reading fetched. */
  known: KnownFiles;
  /** Called for each file that is what a verified one says of it. */
  onVerified: (address: string, file: KnownFile) => void;
}

export interface SourceFetch extends Fetch {
  /** Every file that was used, for the next time. */
  used(): KnownFiles;
  /** The addresses that were asked for and that no other file vouches for, also of files that are not there. */
  roots(): readonly string[];
  /** Whether these files are what `known` says, or are not there and never were. */
  areUnchanged(addresses: readonly string[]): Promise<boolean>;
}

/** Fetches the files of one source: those below its address and no others. */
export function createSourceFetch(parts: SourceFetchParts): SourceFetch {
  const { cache, limits, verifier, known, source } = parts;
  const base = parseRepositoryUrl(folderUrl(source.rawUrl ?? source.url ?? '')).href;
  const brought = new Map<string, KnownFile | null>();
  const roots = new Set<string>();

  /** The file in the cache, as it is on the wire, or null if the repository does not have it. Asks once for each. */
  async function bring(address: string, expected?: ExpectedFile): Promise<KnownFile | null> {
    if (!expected) roots.add(address);
    const already = brought.get(address);
    return already === undefined ? fetchFile(address, expected, known[address] ?? null) : already;
  }

  /** `before`: what the cache should have of it, which is not fetched again unless there is another one. */
  async function fetchFile(
    address: string,
    expected: ExpectedFile | undefined,
    before: KnownFile | null,
  ): Promise<KnownFile | null> {
    const url = parseRepositoryUrl(address);
    if (!url.href.startsWith(base))
      throw new JamesError('bad-index', `${shownUrl(url.href)} does not lie below the source.`);
    const kept = before && (await cache.has(before.sha256, before.size)) ? before : null;
    const maxBytes = Math.min(expected?.size ?? limits.maxBytes, limits.maxBytes);
    const file =
      kept && expected && isAsExpected(kept, expected)
        ? kept
        : await download(parts, { url, known: expected ? null : kept, maxBytes });
    if (file && expected) {
      requireExpected(file, expected, shownUrl(address));
      parts.onVerified(address, file);
    }
    brought.set(address, file);
    return file;
  }

  /** The bytes of a file from the cache; what was damaged there is fetched again. */
  async function packedBytes(
    address: string,
    expected: ExpectedFile | undefined,
    file: KnownFile,
  ): Promise<Uint8Array> {
    const kept = await cache.read(file.sha256);
    if (kept) return kept;
    const again = await fetchFile(address, expected, null);
    const packed = again && (await cache.read(again.sha256));
    if (packed) return packed;
    throw new JamesError('io-error', `${shownUrl(address)} vanished from the cache on disk.`);
  }

  return {
    async file(address, { expected, optional = false } = {}) {
      const file = await bring(address, expected);
      const what = shownUrl(address);
      if (!file) {
        if (optional) return null;
        throw new JamesError('source-unreachable', `The repository has no ${what}.`);
      }
      const packed = await packedBytes(address, expected, file);
      const most = Math.min(expected?.openSize ?? limits.maxOpenBytes, limits.maxOpenBytes);
      return { url: address, bytes: await decompress(packed, most, what) };
    },
    verifyCleartext: (file) => required(verifier).cleartext(file.bytes, shownUrl(file.url)),
    verifyDetached: (file, signature) =>
      required(verifier).detached(file.bytes, signature.bytes, shownUrl(file.url)),
    used: () =>
      Object.fromEntries(
        [...brought].filter((entry): entry is [string, KnownFile] => entry[1] !== null),
      ),
    roots: () => [...roots],
    async areUnchanged(addresses) {
      for (const address of addresses) {
        const file = await bring(address);
        if (file?.sha256 !== known[address]?.sha256) return false;
      }
      return true;
    },
  };
}

function isAsExpected(file: KnownFile, { sha256, sha512, size }: ExpectedFile): boolean {
  if (sha256 === undefined && sha512 === undefined) return false;
  return (
    (sha256 ?? file.sha256) === file.sha256 &&
    (sha512 ?? file.sha512) === file.sha512 &&
    (size ?? file.size) === file.size
  );
}

function requireExpected(file: KnownFile, expected: ExpectedFile, what: string): void {
  if (isAsExpected(file, expected)) return;
  const { sha256, sha512, size } = expected;
  const [kind, wanted] = sha256 ? ['SHA-256', sha256] : ['SHA-512', sha512];
  const found = sha256 ? file.sha256 : file.sha512;
  const bytes =
    size === undefined || size === file.size ? '' : ` (${file.size} bytes, not ${size})`;
  throw new JamesError(
    'digest-mismatch',
    `${what} is not what the index says: its checksum (${kind}) is ${found}, not ${wanted}${bytes}.`,
  );
}

function required(verifier: Verifier | null): Verifier {
  if (verifier) return verifier;
  throw new JamesError('bad-signature', 'The source has no keys (signedBy) to verify with.');
}
