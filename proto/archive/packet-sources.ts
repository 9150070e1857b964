import type { Stats } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { badPacket, shown } from './archive-error.ts';
import { decodeName } from './tar-header.ts';

/** One thing in a packet's source directory. */
export interface PacketSource {
  /** The path from the source directory: `data/etc/motd`. */
  name: string;
  /** The path on this machine. */
  path: string;
  info: Stats;
  /** The text of a symlink. */
  linkTarget: string | null;
}

/** Everything below a folder of a source directory, sorted by the bytes of the names; none if the folder is absent. */
export async function listSources(directory: string, folder: string): Promise<PacketSource[]> {
  const found: PacketSource[] = [];
  const open = [folder];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const child of await childrenOf(join(directory, name), name === folder)) {
      const source = await readSource(directory, `${name}/${child}`);
      found.push(source);
      if (source.info.isDirectory()) open.push(source.name);
    }
  }
  const keys = new Map(found.map((source) => [source, Buffer.from(source.name)]));
  return found.sort((a, b) => Buffer.compare(keys.get(a) as Buffer, keys.get(b) as Buffer));
}

async function childrenOf(path: string, mayLack: boolean): Promise<string[]> {
  try {
    return (await readdir(path, { encoding: 'buffer' })).map(decodeName);
  } catch (error) {
    if (mayLack && (error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** The facts of one file. Throws `bad-packet` for what a packet cannot hold. */
async function readSource(directory: string, name: string): Promise<PacketSource> {
  const path = join(directory, name);
  const info = await lstat(path);
  if (!info.isFile() && !info.isDirectory() && !info.isSymbolicLink())
    throw badPacket(`${shown(name)} is a device node, a pipe or a socket; a packet may have none.`);
  const linkTarget = info.isSymbolicLink()
    ? decodeName(await readlink(path, { encoding: 'buffer' }))
    : null;
  return { name, path, info, linkTarget };
}
