import { createHash } from 'node:crypto';
import { JamesError } from '../../proto/errors.ts';
import { onHost } from '../core/device-path.ts';
import { differenceOf, type EntriesByPath, type Seen, shapeOf } from '../core/difference.ts';
import type { InstalledIndex } from '../core/installed-index.ts';
import type { Manifest, ManifestEntry } from '../core/manifest.ts';
import { isDirectory, type Placed } from '../core/placed.ts';
import { placeInstalled } from '../drivers/place-entries.ts';
import { forEachOf } from '../drivers/work-pool.ts';
import type { FileInfo, Files } from '../system/files.ts';
import type { PacketDrift, WrongPath } from './packet-drift.ts';

export interface Examining {
  files: Files;
  root: string;
  /** Whether owners count: the agent is root. */
  owners: boolean;
  index: InstalledIndex;
  readManifest(id: string): Promise<Manifest>;
  /**
   * Whether the content of the next file, of so many bytes, is read, though size, bits, owner and time are as installed.
   * Files are asked for in the same order as long as the same packets are installed.
   */
  reads(size: number): boolean;
  /** Files whose time is another one, and that were found to be right all the same. */
  touched: Touched;
  signal: AbortSignal;
}

/** Remembers files by path and by what `lstat` says, so that they are not read again as long as that stays. */
export interface Touched {
  has(path: string, info: FileInfo): boolean;
  add(path: string, info: FileInfo): void;
}

/** So many paths are looked at, and at most so many files are open, at the same time. */
const SIDE_BY_SIDE = 8;
/** All paths that are kept of one look have so many characters at most; beyond that they are only counted. */
const MOST_CHARACTERS = 1_000_000;

/**
 * Compares packets with their manifests, one packet after the other: what differs, with its paths in order. The names give
 * which; null: all. Changes nothing. An aborted signal rejects with its reason.
 */
export async function examinePackets(
  examining: Examining,
  names: ReadonlySet<string> | null,
): Promise<PacketDrift[]> {
  const { index } = examining;
  const found: PacketDrift[] = [];
  const directories = new Set<string>();
  let characters = MOST_CHARACTERS;
  // Of packets that describe one directory the last counts, so that the last comes first.
  const packets = [...index.packets].sort((a, b) => (a.name < b.name ? 1 : -1));
  for (const { name, id } of packets) {
    const manifest = await examining.readManifest(id);
    if (names !== null && !names.has(name)) {
      await describe(examining, manifest, directories);
      continue;
    }
    const drift = await examinePacket(examining, manifest, directories);
    if (drift === null) continue;
    const paths = drift.paths.filter(({ path }) => {
      characters -= path.length;
      return characters > 0;
    });
    found.push({ ...drift, paths });
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function examinePacket(
  examining: Examining,
  manifest: Manifest,
  described: Set<string>,
): Promise<PacketDrift | null> {
  const { name, id } = manifest;
  const all = manifest.driver === undefined ? manifest.entries : [];
  const entries: EntriesByPath = new Map(all.map((entry) => [entry.path, entry]));
  const placed = await place(examining, { ...manifest, entries: all });
  if ('path' in placed) return { name, id, status: 'modified', count: 1, paths: [placed] };
  const wrong: WrongPath[] = [];
  const ours = new Set(examining.index.directories);
  await forEachOf(placed, SIDE_BY_SIDE, async (item) => {
    examining.signal.throwIfAborted();
    const isFirst = isDirectory(item) && !described.has(item.path);
    if (isFirst) described.add(item.path);
    const shape = shapeOf(item.entry, entries);
    // Asked before anything is waited for: so the order stays.
    const isTurn = shape.type === 'file' && examining.reads(shape.size);
    const seen = await look(examining, item, shape, isTurn);
    const difference = differenceOf(shape, item.config, seen, examining.owners);
    if (difference === null) return;
    // Bits and owner of a directory are the packet's only if it was made for one, and no other describes it.
    const isOurs = isFirst && ours.has(item.path);
    if (isDirectory(item) && !isOurs && (difference === 'mode' || difference === 'owner')) return;
    wrong.push({ path: item.path, difference });
  });
  if (wrong.length === 0) return null;
  const status = isGone(placed, wrong) ? 'missing' : 'modified';
  const paths = wrong.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { name, id, status, count: paths.length, paths };
}

/** Notes the directories of a packet that is not looked at itself. */
async function describe(
  examining: Examining,
  manifest: Manifest,
  described: Set<string>,
): Promise<void> {
  const entries = manifest.entries.filter(({ type }) => type === 'directory');
  const placed = await place(examining, { ...manifest, entries });
  if ('path' in placed) return;
  for (const { path } of placed) described.add(path);
}

/** Where the entries are now; a path whose links lead out of the root is wrong itself. */
async function place(
  { files, root }: Examining,
  manifest: Manifest,
): Promise<Placed[] | WrongPath> {
  try {
    return await placeInstalled(files, root, [manifest]);
  } catch (error) {
    if (!(error instanceof JamesError)) throw error;
    return { path: manifest.entries[0]?.path ?? '/', difference: 'kind' };
  }
}

/** Nothing of a packet is there: none of its files, or, if it has none, none of its directories. */
function isGone(placed: readonly Placed[], wrong: readonly WrongPath[]): boolean {
  const files = placed.filter((item) => !isDirectory(item));
  const needed = new Set((files.length > 0 ? files : placed).map(({ path }) => path));
  const missing = wrong.filter(
    ({ path, difference }) => difference === 'missing' && needed.has(path),
  );
  return missing.length === needed.size;
}

/** What is at a place; the content of a file only where it is its turn, or its time was changed. */
async function look(
  examining: Examining,
  { path, config }: Placed,
  shape: ManifestEntry,
  isTurn: boolean,
): Promise<Seen | undefined> {
  const { files, root, touched, owners } = examining;
  const host = onHost(root, path);
  const info = await orMissing(() => files.lstat(host));
  if (!info) return undefined;
  const { type, mode, uid, gid, size } = info;
  const linkTarget =
    type === 'symlink' ? ((await orMissing(() => files.readLink(host))) ?? '') : null;
  const seen: Seen = { type, mode, uid, gid, size, linkTarget, digest: null };
  if (shape.type !== 'file' || config || differenceOf(shape, config, seen, owners) !== null)
    return seen;
  const isTouched = info.modifiedMs !== shape.modifiedMs && !touched.has(host, info);
  if (!isTurn && !isTouched) return seen;
  const digest = await digestOf(examining, host);
  if (digest === 'missing') return undefined;
  if (digest === shape.digest && isTouched) touched.add(host, info);
  return { ...seen, digest };
}

/** SHA-256 of a file's content, hexadecimal; null if it may not be read; `missing`, or `unreadable` where the disk fails. */
async function digestOf({ files, signal }: Examining, path: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of files.readStream(path)) {
      signal.throwIfAborted();
      hash.update(chunk);
    }
    return hash.digest('hex');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'EACCES' || code === 'EPERM') return null;
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'missing';
    if (code === 'EIO') return 'unreadable';
    throw error;
  }
}

/** A path below something that is no directory is missing too. */
async function orMissing<Value>(act: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await act();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (['ENOENT', 'ENOTDIR', 'EINVAL', 'ELOOP'].includes(code)) return undefined;
    throw error;
  }
}
