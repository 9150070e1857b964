import { createHash } from 'node:crypto';
import { ancestorsOf, besideOf, joinPath, onHost } from '../core/device-path.ts';
import type { InstalledIndex } from '../core/installed-index.ts';
import { type Disk, type DiskFact, isDirectory, type Placed } from '../core/placed.ts';
import { isRepair, type Step } from '../core/plan-steps.ts';
import type { Files } from '../system/files.ts';
import { forEachOf } from './work-pool.ts';

/** So many paths are looked at at the same time. */
const SIDE_BY_SIDE = 16;

export interface Look {
  files: Files;
  root: string;
  steps: readonly Step[];
  before: readonly Placed[];
  after: readonly Placed[];
  index: InstalledIndex;
}

/** Everything about the disk that the plan of a transaction depends on, looked at once; nothing is changed. */
export async function lookAtDisk(look: Look): Promise<Disk> {
  const facts = new Map<string, DiskFact>();
  const names = new Map<string, readonly string[]>();
  const see = async (path: string): Promise<DiskFact | undefined> => {
    if (facts.has(path)) return facts.get(path);
    const fact = await factOf(look, path);
    if (fact) facts.set(path, fact);
    return fact;
  };
  const compared = comparedPaths(look);
  await forEachOf(pathsOf(look), SIDE_BY_SIDE, async (path) => {
    const fact = await see(path);
    if (fact?.type === 'file' && compared.has(path))
      fact.digest = await digestOfFile(look.files, onHost(look.root, path));
  });
  for (const path of mayGiveWay(look)) await seeTree(look, path, see, names);
  return { at: (path) => facts.get(path), namesIn: (path) => names.get(path) ?? [] };
}

/** Paths whose content counts: configuration files, and all of packets that are repaired. */
function comparedPaths({ steps, before, after }: Look): Set<string> {
  const repaired = new Set(steps.filter(isRepair).map(({ name }) => name));
  const counts = ({ config, packet }: Placed): boolean => config || repaired.has(packet);
  return new Set([...before, ...after].filter(counts).map(({ path }) => path));
}

/** All paths of changing packets, what may stand beside them, everything above them, and our directories. */
function pathsOf({ steps, before, after, index }: Look): Set<string> {
  const changing = new Set(steps.map(({ name }) => name));
  const paths = new Set<string>(['/', ...index.directories]);
  const addWithAncestors = (path: string): void => {
    paths.add(path);
    for (const above of ancestorsOf(path)) paths.add(above);
  };
  for (const { path, packet, config } of [...before, ...after]) {
    if (!changing.has(packet)) continue;
    addWithAncestors(path);
    if (config) paths.add(besideOf(path));
  }
  for (const { path } of index.beside) addWithAncestors(path);
  for (const path of index.directories) addWithAncestors(path);
  return paths;
}

/** Paths at which the disk may have a directory that has to go. */
function mayGiveWay({ after, index }: Look): string[] {
  const ours = new Set(index.directories);
  const stays = new Set(after.filter(isDirectory).map(({ path }) => path));
  const arriving = after.filter((item) => !isDirectory(item)).map(({ path }) => path);
  const returning = index.kept.map(({ path }) => path).filter((path) => !stays.has(path));
  return [...arriving, ...returning].filter((path) => ours.has(path));
}

async function seeTree(
  look: Look,
  path: string,
  see: (path: string) => Promise<DiskFact | undefined>,
  names: Map<string, readonly string[]>,
): Promise<void> {
  if ((await see(path))?.type !== 'directory') return;
  const children = await look.files.readDirectory(onHost(look.root, path));
  names.set(path, children);
  for (const name of children) await seeTree(look, joinPath(path, name), see, names);
}

async function factOf({ files, root }: Look, path: string): Promise<DiskFact | undefined> {
  const host = onHost(root, path);
  const info = await files.lstat(host);
  if (!info) return undefined;
  const { type, mode, uid, gid, size, modifiedMs, device } = info;
  const linkTarget = type === 'symlink' ? await files.readLink(host) : null;
  return { type, mode, uid, gid, size, modifiedMs, device, linkTarget, digest: null };
}

/** SHA-256 of a file's content, hexadecimal. */
export async function digestOfFile(files: Files, path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of files.readStream(path)) hash.update(chunk);
  return hash.digest('hex');
}
