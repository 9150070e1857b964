import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseControl } from '../control-file.ts';
import { badPacket, shown } from './archive-error.ts';
import { gzip } from './gzip.ts';
import { listSources, type PacketSource } from './packet-sources.ts';
import { type ScriptName, scriptNames } from './read-packet.ts';
import { decodeName } from './tar-header.ts';
import { type TarMember, writeTar } from './write-tar.ts';

export interface PacketOptions {
  /** Owners as they are on this machine, by number; otherwise everything belongs to 0:0. */
  keepOwner: boolean;
  /** No file's time is later than this many seconds since 1970. */
  sourceDateEpoch?: number;
}

/**
 * The bytes of the packet file that a source directory makes: `control.yaml`, `scripts/` and `data/`. The same directory
 * gives the same bytes on every machine. Nothing is checked that only reading can tell: see `buildPacket`.
 */
export function writePacket(directory: string, options: PacketOptions): AsyncIterable<Uint8Array> {
  return gzip(writeTar(members(directory, options)));
}

async function* members(directory: string, options: PacketOptions): AsyncGenerator<TarMember> {
  await refuseStrangers(directory);
  const control = await readControl(directory);
  yield plain('control.yaml', 0o644, control);
  yield* scripts(directory);
  const firstNames = new Map<string, string>();
  for (const source of await listSources(directory, 'data')) {
    yield dataMember(source, options, firstNames);
  }
}

/** Files that would be left out in silence, such as a script outside `scripts/`, are refused. */
async function refuseStrangers(directory: string): Promise<void> {
  const known = new Set(['control.yaml', 'scripts', 'data']);
  const names = await readdir(directory).catch((cause: unknown) => {
    throw badPacket(`${directory} is not a directory that can be read.`, cause);
  });
  for (const name of names) {
    if (known.has(name) || name.startsWith('.') || /\.jpk(\.part)?$/.test(name)) continue;
    throw badPacket(
      `${shown(name)} is not part of a packet: it holds control.yaml, scripts/ and data/ only. Move the file or delete it.`,
    );
  }
}

async function readControl(directory: string): Promise<Uint8Array> {
  const file = join(directory, 'control.yaml');
  const content = await readFile(file).catch((cause: unknown) => {
    throw badPacket(`${directory} has no control.yaml; "packet init" makes one.`, cause);
  });
  parseControl(decodeName(content), file);
  return content;
}

async function* scripts(directory: string): AsyncGenerator<TarMember> {
  for (const source of await listSources(directory, 'scripts')) {
    const name = source.name.slice('scripts/'.length);
    if (!scriptNames.includes(name as ScriptName) || !source.info.isFile())
      throw badPacket(`${shown(source.name)} is no script; there are ${scriptNames.join(', ')}.`);
    yield plain(source.name, 0o755, await readFile(source.path));
  }
}

function plain(name: string, mode: number, content: Uint8Array): TarMember {
  const size = content.length;
  return {
    name,
    type: '0',
    mode,
    uid: 0,
    gid: 0,
    size,
    modified: 0,
    linkName: '',
    content: only(content),
  };
}

async function* only(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function dataMember(
  source: PacketSource,
  options: PacketOptions,
  firstNames: Map<string, string>,
): TarMember {
  const { info, name } = source;
  const seconds = Math.floor(info.mtimeMs / 1000);
  const member: TarMember = {
    name: info.isDirectory() ? `${name}/` : name,
    type: info.isDirectory() ? '5' : info.isSymbolicLink() ? '2' : '0',
    mode: info.isSymbolicLink() ? 0o777 : info.mode & 0o7777,
    uid: options.keepOwner ? info.uid : 0,
    gid: options.keepOwner ? info.gid : 0,
    size: 0,
    modified: Math.min(seconds, options.sourceDateEpoch ?? Number.POSITIVE_INFINITY),
    linkName: source.linkTarget ?? '',
    content: nothing(),
  };
  if (!info.isFile()) return member;
  const first = firstName(source, firstNames);
  if (first !== name) return { ...member, type: '1', linkName: first };
  return { ...member, size: info.size, content: contentOf(source) };
}

/** The name under which a file with several hard links stands first in the packet. */
function firstName({ info, name }: PacketSource, firstNames: Map<string, string>): string {
  if (info.nlink < 2) return name;
  const inode = `${info.dev}:${info.ino}`;
  const first = firstNames.get(inode) ?? name;
  firstNames.set(inode, first);
  return first;
}

async function* contentOf({ name, path, info }: PacketSource): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    bytes += (chunk as Uint8Array).length;
    yield chunk as Uint8Array;
  }
  if (bytes !== info.size)
    throw badPacket(`${shown(name)} changed while it was read; build the packet again.`);
}
