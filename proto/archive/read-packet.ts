import { parseControl } from '../control-file.ts';
import { JamesError } from '../errors.ts';
import type { Control } from '../packet.ts';
import { badPacket, shown } from './archive-error.ts';
import { gunzip } from './gunzip.ts';
import { defaultPacketLimits, type PacketLimits } from './packet-limits.ts';
import {
  createPacketPaths,
  type EntryType,
  type PacketPaths,
  pathBelow,
  relativeName,
} from './packet-paths.ts';
import { readTar, type TarEntry } from './read-tar.ts';
import { decodeName } from './tar-header.ts';

export const scriptNames = ['preinst', 'postinst', 'prerm', 'postrm', 'health'] as const;
export type ScriptName = (typeof scriptNames)[number];

export type PacketEntry =
  | { part: 'control'; control: Control; text: string }
  | { part: 'script'; name: ScriptName; content: Uint8Array }
  | DataEntry;

/** One thing that the packet brings. */
export interface DataEntry {
  part: 'data';
  /** Where it belongs below the root, beginning with `/`. */
  path: string;
  type: EntryType;
  /** Permission bits with setuid, setgid and sticky. */
  mode: number;
  uid: number;
  gid: number;
  modifiedMs: number;
  /** Bytes of a file; 0 for anything else. */
  size: number;
  /** The text of a symlink; for a hard link the path (as in `path`) of an earlier file; else null. */
  linkTarget: string | null;
  /** The bytes of a file; to be read, if at all, before the next entry is asked for. */
  content(): AsyncIterable<Uint8Array>;
}

interface Reading {
  limits: PacketLimits;
  paths: PacketPaths;
  control: Control | null;
  scripts: Set<string>;
  entries: number;
  bytes: number;
}

/**
 * The parts of a packet file in the order of the archive: the control file first, scripts, data. Every rule of the format
 * is checked on the way, with bounded memory, so whoever has seen the end has seen a valid packet. Throws `bad-packet`,
 * `unsafe-path`, `too-large`, and for the control file what `parseControl` throws.
 */
export async function* readPacket(
  content: AsyncIterable<Uint8Array>,
  limits: PacketLimits = defaultPacketLimits,
): AsyncGenerator<PacketEntry> {
  const reading: Reading = {
    limits,
    paths: createPacketPaths(limits),
    control: null,
    scripts: new Set(),
    entries: 0,
    bytes: 0,
  };
  for await (const entry of readTar(gunzip(content, limits))) {
    reading.entries += 1;
    if (reading.entries > limits.entries)
      throw new JamesError('too-large', `The packet has more than ${limits.entries} entries.`);
    const part = await readEntry(reading, entry);
    if (part !== null) yield part;
  }
  checkWhole(reading);
}

async function readEntry(reading: Reading, entry: TarEntry): Promise<PacketEntry | null> {
  const name = relativeName(entry.name);
  if (name === '' && entry.type === '5') return null;
  if (name === 'control.yaml') return await readControlFile(reading, entry);
  if (reading.control === null)
    throw badPacket(`The first entry must be control.yaml, but it is ${shown(entry.name)}.`);
  if (name === 'scripts' || name.startsWith('scripts/'))
    return await readScript(reading, entry, pathBelow('scripts', name));
  if (name === 'data' || name.startsWith('data/'))
    return readData(reading, entry, pathBelow('data', name));
  if (name === '..' || name.startsWith('../'))
    throw new JamesError('unsafe-path', `The path ${shown(entry.name)} has "..".`);
  throw badPacket(
    `A packet holds control.yaml, scripts/ and data/; ${shown(entry.name)} belongs to none of them.`,
  );
}

async function readControlFile(reading: Reading, entry: TarEntry): Promise<PacketEntry> {
  if (reading.control !== null) throw badPacket('control.yaml stands twice in the packet.');
  const text = decodeName(await smallFile(entry, reading.limits.controlBytes));
  reading.control = parseControl(text);
  return { part: 'control', control: reading.control, text };
}

async function readScript(
  reading: Reading,
  entry: TarEntry,
  path: string,
): Promise<PacketEntry | null> {
  const name = path.slice(1);
  if (name === '') return requireDirectory(entry);
  const known = scriptNames.find((script) => script === name);
  if (!known)
    throw badPacket(`${shown(entry.name)} is no script; there are ${scriptNames.join(', ')}.`);
  if (reading.scripts.has(name)) throw badPacket(`The script ${name} stands twice in the packet.`);
  reading.scripts.add(name);
  return {
    part: 'script',
    name: known,
    content: await smallFile(entry, reading.limits.scriptBytes),
  };
}

function readData(reading: Reading, entry: TarEntry, path: string): DataEntry | null {
  if (path === '/') return requireDirectory(entry);
  const type = typeOf(entry);
  if (type !== 'file' && entry.size !== 0)
    throw badPacket(`${shown(entry.name)} is a ${type} and may have no content.`);
  const linkTarget = targetOf(entry, type);
  if (type === 'hardlink' && reading.control?.config?.includes(linkTarget ?? ''))
    throw badPacket(
      `The hard link ${shown(entry.name)} points to a configuration file; make it a file or a symlink.`,
    );
  reading.paths.add(path, type, linkTarget);
  reading.bytes += entry.size;
  if (reading.bytes > reading.limits.installedBytes)
    throw new JamesError(
      'too-large',
      `The packet's files have more than ${reading.limits.installedBytes} bytes.`,
    );
  const { mode, uid, gid, size, content } = entry;
  const modifiedMs = Math.floor(entry.modified * 1000);
  return { part: 'data', path, type, mode, uid, gid, modifiedMs, size, linkTarget, content };
}

function typeOf(entry: TarEntry): EntryType {
  switch (entry.type) {
    case '0':
    case '7':
      return entry.name.endsWith('/') ? 'directory' : 'file';
    case '1':
      return 'hardlink';
    case '2':
      return 'symlink';
    case '5':
      return 'directory';
    case '3':
    case '4':
    case '6':
      throw badPacket(`${shown(entry.name)} is a device node or a pipe; a packet may have none.`);
    default:
      throw badPacket(
        `${shown(entry.name)} is of a kind (${shown(entry.type)}) that nobody knows.`,
      );
  }
}

function targetOf(entry: TarEntry, type: EntryType): string | null {
  if (type === 'symlink') return entry.linkName;
  if (type !== 'hardlink') return null;
  const name = relativeName(entry.linkName);
  if (name.startsWith('data/')) return pathBelow('data', name);
  throw new JamesError(
    'unsafe-path',
    `The hard link ${shown(entry.name)} points out of data/: ${shown(entry.linkName)}.`,
  );
}

function requireDirectory(entry: TarEntry): null {
  if (entry.type === '5') return null;
  throw badPacket(`${shown(entry.name)} must be a directory.`);
}

async function smallFile(entry: TarEntry, most: number): Promise<Uint8Array> {
  if (typeOf(entry) !== 'file') throw badPacket(`${shown(entry.name)} must be a file.`);
  if (entry.size > most)
    throw new JamesError('too-large', `${shown(entry.name)} has more than ${most} bytes.`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry.content()) chunks.push(chunk.slice());
  return Buffer.concat(chunks);
}

function checkWhole({ control, paths }: Reading): void {
  if (control === null) throw badPacket('The packet has no control.yaml.');
  for (const path of control.config ?? []) {
    if (!paths.has(path, 'file'))
      throw badPacket(`config names ${shown(path)}, which is not a file of the packet.`);
  }
}
