import { JamesError } from '../../proto/errors.ts';
import { isTemporary, joinPath, onHost, parentOf } from '../core/device-path.ts';
import type { Manifest, ManifestEntry } from '../core/manifest.ts';
import type { Placed } from '../core/placed.ts';
import type { Files } from '../system/files.ts';

/** Links followed on one path before it counts as a loop; as many as Linux follows. */
const MAX_LINKS = 40;

/** What a path will be, where that differs from what the disk says. */
type Model = ReadonlyMap<
  string,
  { type: 'directory' } | { type: 'symlink'; target: string } | 'gone'
>;

interface Resolving {
  files: Files;
  root: string;
  model: Model;
  /** Directories that were resolved already. */
  known: Map<string, string>;
}

/**
 * Where the entries of installed packets are now: links to directories above them, as the device has them, are followed
 * (`/lib` to `usr/lib`), an absolute link counting from the root. Throws `unsafe-path` if a link leaves the root.
 */
export async function placeInstalled(
  files: Files,
  root: string,
  manifests: readonly Manifest[],
): Promise<Placed[]> {
  const resolving: Resolving = { files, root, model: new Map(), known: new Map() };
  return await placeAll(resolving, manifests);
}

/**
 * Where the entries of packets will go once all of them are there: links that the packets bring count, links that go away
 * with what is installed now (`before`) do not, all others are followed as the device has them.
 */
export async function placeComing(
  files: Files,
  root: string,
  manifests: readonly Manifest[],
  before: readonly Placed[],
): Promise<Placed[]> {
  const model = new Map<
    string,
    { type: 'directory' } | { type: 'symlink'; target: string } | 'gone'
  >();
  for (const { path, entry } of before) if (entry.type !== 'directory') model.set(path, 'gone');
  for (const manifest of manifests)
    for (const entry of manifest.entries) refuseTemporary(manifest, entry);
  const links = manifests.map((manifest) => ({
    ...manifest,
    entries: manifest.entries.filter(({ type }) => type === 'symlink'),
  }));
  for (const { path, entry } of await placeAll({ files, root, model, known: new Map() }, links)) {
    model.set(path, { type: 'symlink', target: entry.linkTarget ?? '' });
  }
  return await placeAll({ files, root, model, known: new Map() }, manifests);
}

function refuseTemporary({ name }: Manifest, { path }: ManifestEntry): void {
  if (!isTemporary(path)) return;
  throw new JamesError(
    'unsafe-path',
    `The packet ${name} brings ${path}; names that begin with ".jamesc-" are the agent's own.`,
  );
}

async function placeAll(resolving: Resolving, manifests: readonly Manifest[]): Promise<Placed[]> {
  const placed: Placed[] = [];
  for (const manifest of manifests) {
    const config = new Set(manifest.config);
    for (const entry of manifest.entries) {
      placed.push({
        path: await placeOf(resolving, manifest.name, entry),
        packet: manifest.name,
        entry,
        config: config.has(entry.path),
      });
    }
  }
  return placed;
}

/** For a directory the path itself is followed as well: a packet's `/lib/` may be the device's link to `usr/lib`. */
async function placeOf(
  resolving: Resolving,
  packet: string,
  { path, type }: ManifestEntry,
): Promise<string> {
  try {
    if (type === 'directory') return await resolveDirectory(resolving, path);
    const directory = await resolveDirectory(resolving, parentOf(path));
    return joinPath(directory, path.slice(path.lastIndexOf('/') + 1));
  } catch (error) {
    if (!(error instanceof JamesError)) throw error;
    throw new JamesError(error.code, `The packet ${packet} brings ${path}: ${error.message}`, {
      members: { packet },
    });
  }
}

async function resolveDirectory(resolving: Resolving, path: string): Promise<string> {
  const known = resolving.known.get(path);
  if (known !== undefined) return known;
  let parts = path.split('/').filter((part) => part !== '');
  let resolved = '/';
  for (let links = 0; parts.length > 0; ) {
    const part = parts.shift() as string;
    if (part === '.') continue;
    if (part === '..') {
      if (resolved === '/') throw new JamesError('unsafe-path', 'a link above it leaves the root.');
      resolved = parentOf(resolved);
      continue;
    }
    const child = joinPath(resolved, part);
    const target = await linkAt(resolving, child);
    if (target === null) {
      resolved = child;
      continue;
    }
    links += 1;
    if (links > MAX_LINKS)
      throw new JamesError('unsafe-path', 'the links above it go in a circle.');
    if (target.startsWith('/')) resolved = '/';
    parts = [...target.split('/').filter((name) => name !== ''), ...parts];
  }
  resolving.known.set(path, resolved);
  return resolved;
}

/** The text of the link at a path whose directories are resolved, or null if there is or will be something else. */
async function linkAt({ files, root, model }: Resolving, path: string): Promise<string | null> {
  const shall = model.get(path);
  if (shall === 'gone') return null;
  if (shall !== undefined) return shall.type === 'symlink' ? shall.target : null;
  const host = onHost(root, path);
  const info = await files.lstat(host);
  return info?.type === 'symlink' ? await files.readLink(host) : null;
}
