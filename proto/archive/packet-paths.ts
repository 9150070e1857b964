import { JamesError } from '../errors.ts';
import { badPacket, shown } from './archive-error.ts';
import type { PacketLimits } from './packet-limits.ts';

export type EntryType = 'file' | 'directory' | 'symlink' | 'hardlink';

/** Which paths a packet has had so far, and the rules that each further one must keep. Paths begin with `/`. */
export interface PacketPaths {
  /** Throws `bad-packet`, `unsafe-path` or `too-large`. */
  add(path: string, type: EntryType, linkTarget: string | null): void;
  has(path: string, type: EntryType): boolean;
}

export function createPacketPaths(
  limits: Pick<PacketLimits, 'pathBytes' | 'pathsBytes'>,
): PacketPaths {
  const types = new Map<string, EntryType | 'implied'>();
  let bytes = 0;

  function remember(path: string, type: EntryType | 'implied'): void {
    if (!types.has(path)) bytes += Buffer.byteLength(path);
    if (bytes > limits.pathsBytes)
      throw new JamesError('too-large', 'The paths of the packet are too many and too long.');
    types.set(path, type);
  }

  function addParents(path: string): void {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const parent = path.slice(0, at);
      const type = types.get(parent);
      if (type === 'directory' || type === 'implied') return;
      if (type === undefined) {
        remember(parent, 'implied');
        continue;
      }
      throw new JamesError(
        'unsafe-path',
        `${shown(path)} lies below ${shown(parent)}, which is a ${type} of the same packet.`,
      );
    }
  }

  return {
    add(path, type, linkTarget) {
      refuseLong(path, limits.pathBytes);
      const known = types.get(path);
      if (known !== undefined && !(known === 'implied' && type === 'directory'))
        throw badPacket(`The path ${shown(path)} stands twice in the packet.`);
      addParents(path);
      if (type === 'symlink') checkSymlink(path, linkTarget ?? '', limits.pathBytes);
      if (type === 'hardlink' && types.get(linkTarget ?? '') !== 'file')
        throw badPacket(
          `The hard link ${shown(path)} points to ${shown(linkTarget ?? '')}, which is no earlier file of the packet.`,
        );
      remember(path, type);
    },
    has: (path, type) => types.get(path) === type,
  };
}

/**
 * The path below a top folder (`data`), beginning with `/`, of an archive name; `/` for that folder itself.
 * Throws `unsafe-path` for names that are absolute or have `..`, `bad-packet` for other malformed ones.
 */
export function pathBelow(folder: string, name: string): string {
  const rest = name.slice(folder.length + 1).replace(/\/$/, '');
  if (rest === '') return '/';
  for (const part of rest.split('/')) {
    if (part === '..') throw new JamesError('unsafe-path', `The path ${shown(name)} has "..".`);
    if (part === '' || part === '.' || part.includes('\0') || part.length > 255)
      throw badPacket(`The path ${shown(name)} is malformed.`);
  }
  return `/${rest}`;
}

/** The archive name without a leading `./`; `unsafe-path` if it is absolute. */
export function relativeName(name: string): string {
  if (name.startsWith('/'))
    throw new JamesError('unsafe-path', `The path ${shown(name)} is absolute.`);
  return name === '.' ? '' : name.replace(/^(\.\/+)+/, '');
}

/** A symlink keeps its text; a relative one may not climb above the root. An absolute one counts from the root. */
function checkSymlink(path: string, target: string, most: number): void {
  if (target === '' || target.includes('\0'))
    throw badPacket(`The symlink ${shown(path)} has no target.`);
  refuseLong(target, most);
  let depth = target.startsWith('/') ? 0 : path.split('/').length - 2;
  for (const part of target.split('/')) {
    if (part === '..') depth -= 1;
    else if (part !== '' && part !== '.') depth += 1;
    if (depth < 0)
      throw new JamesError(
        'unsafe-path',
        `The symlink ${shown(path)} points above the root: ${shown(target)}.`,
      );
  }
}

function refuseLong(path: string, most: number): void {
  if (Buffer.byteLength(path) > most)
    throw new JamesError('too-large', `The path ${shown(path)} is longer than ${most} bytes.`);
}
