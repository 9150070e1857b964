import type { ManifestEntry } from './manifest.ts';
import type { DiskFact, Placed } from './placed.ts';

/** In what a path differs from what its packet brought. */
export const differences = ['missing', 'kind', 'content', 'target', 'mode', 'owner'] as const;
export type Difference = (typeof differences)[number];

/** What is compared; a digest of null is not known and not compared. */
export type Seen = Pick<
  DiskFact,
  'type' | 'mode' | 'uid' | 'gid' | 'size' | 'linkTarget' | 'digest'
>;

/** By path, so that a hard link can be looked up by the name of what it is. */
export type EntriesByPath = ReadonlyMap<string, ManifestEntry>;

/** What an entry must look like on the disk: a hard link like the file that it is a further name of. */
export function shapeOf(entry: ManifestEntry, entries: EntriesByPath): ManifestEntry {
  if (entry.type !== 'hardlink') return entry;
  return entries.get(entry.linkTarget ?? '') ?? entry;
}

/**
 * In what the disk differs from an entry's shape; null if in nothing that counts. Times never count, nor permission bits of
 * links; owners only if `owners` (only root can set them). A configuration file may be anything but missing.
 */
export function differenceOf(
  shape: ManifestEntry,
  config: boolean,
  seen: Seen | undefined,
  owners: boolean,
): Difference | null {
  if (seen === undefined) return 'missing';
  if (config) return null;
  const type = shape.type === 'hardlink' ? 'file' : shape.type;
  if (seen.type !== type) return 'kind';
  if (type === 'symlink' && seen.linkTarget !== shape.linkTarget) return 'target';
  if (type === 'file' && !isContent(shape, seen)) return 'content';
  if (type !== 'symlink' && seen.mode !== shape.mode) return 'mode';
  return owners && (seen.uid !== shape.uid || seen.gid !== shape.gid) ? 'owner' : null;
}

const isContent = ({ size, digest }: ManifestEntry, seen: Seen): boolean =>
  seen.size === size && (seen.digest === null || seen.digest === digest);

/**
 * The paths of a packet's entries, as the packet has them, that have to be put back: what differs, and of files with several
 * names all, so that they stay one file. Directories are not among them.
 */
export function wrongEntries(
  placed: readonly Placed[],
  at: (path: string) => DiskFact | undefined,
  owners: boolean,
): ReadonlySet<string> {
  const entries = new Map(placed.map(({ entry }) => [entry.path, entry]));
  const firstName = ({ type, path, linkTarget }: ManifestEntry): string =>
    type === 'hardlink' ? (linkTarget ?? path) : path;
  const wrong = new Set<string>();
  for (const { path, entry, config } of placed) {
    if (entry.type === 'directory') continue;
    if (differenceOf(shapeOf(entry, entries), config, at(path), owners) !== null)
      wrong.add(firstName(entry));
  }
  const ofFiles = placed.filter(({ entry }) => entry.type !== 'directory');
  return new Set(ofFiles.flatMap(({ entry }) => (wrong.has(firstName(entry)) ? [entry.path] : [])));
}

const sentences: Readonly<Record<Difference, string>> = {
  missing: 'is missing',
  kind: 'is of another kind',
  content: 'was changed',
  target: 'leads elsewhere',
  mode: 'has other permission bits',
  owner: 'has another owner',
};

/** A path with what is wrong there, in words, without a point. */
export const sayDifference = ({
  path,
  difference,
}: {
  path: string;
  difference: Difference;
}): string => `${path} ${sentences[difference]}`;
