import { badPacket } from './archive-error.ts';

/** One header block of a tar archive, POSIX.1-1988 ustar with GNU's base-256 numbers. */
export interface TarHeader {
  name: string;
  /** The type flag as a character; `0` for the NUL of old archives. */
  type: string;
  mode: number;
  uid: number;
  gid: number;
  size: number;
  /** Seconds since 1970. */
  modified: number;
  linkName: string;
}

export const BLOCK = 512;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The text of bytes that must be UTF-8; `bad-packet` otherwise. */
export function decodeName(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw badPacket('A name in the archive is not UTF-8.');
  }
}

/**
 * Stands for a name that is not UTF-8, which only matters if no extended header gives another: GNU's tar cuts names off in
 * the middle of a character.
 */
export const MALFORMED_NAME = '\0';

/** The header in a block of 512 bytes, or null for a block of zeros. Throws `bad-packet` if its checksum is wrong. */
export function decodeHeader(block: Uint8Array): TarHeader | null {
  if (block.every((byte) => byte === 0)) return null;
  if (number(block, 148, 8) !== checksum(block))
    throw badPacket('The archive is damaged: the checksum of a header is wrong.');
  const name = text(block, 0, 100);
  const isUstar = decodeLatin(block, 257, 6) === 'ustar\0';
  const prefix = isUstar ? text(block, 345, 155) : '';
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    type: block[156] === 0 ? '0' : decodeLatin(block, 156, 1),
    mode: number(block, 100, 8) & 0o7777,
    uid: count(block, 108, 8),
    gid: count(block, 116, 8),
    size: count(block, 124, 12),
    modified: number(block, 136, 12),
    linkName: text(block, 157, 100),
  };
}

/** The block of a header. The name and the link's name must fit into 100 bytes, the numbers into their fields. */
export function encodeHeader(header: TarHeader): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (at: number, value: string): void => {
    block.set(Buffer.from(value, 'utf8'), at);
  };
  put(0, header.name);
  put(100, octal(header.mode, 7));
  put(108, octal(header.uid, 7));
  put(116, octal(header.gid, 7));
  put(124, octal(header.size, 11));
  put(136, octal(header.modified, 11));
  put(156, header.type);
  put(157, header.linkName);
  put(257, 'ustar\x0000');
  put(148, `${checksum(block).toString(8).padStart(6, '0')}\0 `);
  return block;
}

const octal = (value: number, digits: number): string =>
  `${value.toString(8).padStart(digits, '0')}\0`;

/** The sum of all bytes, those of the checksum itself as spaces. */
function checksum(block: Uint8Array): number {
  let sum = 8 * 32;
  for (let at = 0; at < BLOCK; at += 1) if (at < 148 || at >= 156) sum += block[at] as number;
  return sum;
}

function text(block: Uint8Array, at: number, length: number): string {
  const field = block.subarray(at, at + length);
  const end = field.indexOf(0);
  try {
    return utf8.decode(end < 0 ? field : field.subarray(0, end));
  } catch {
    return MALFORMED_NAME;
  }
}

function decodeLatin(block: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...block.subarray(at, at + length));
}

/** Octal digits between spaces and NULs, or base 256 if the first bit is set. */
function number(block: Uint8Array, at: number, length: number): number {
  const first = block[at] as number;
  if (first >= 0x80) return base256(block.subarray(at, at + length), first === 0xff);
  const digits = decodeLatin(block, at, length).replaceAll('\0', ' ').trim();
  if (digits === '') return 0;
  if (!/^[0-7]+$/.test(digits)) throw badPacket('The archive is damaged: a number is malformed.');
  return Number.parseInt(digits, 8);
}

/** A number that cannot be below zero. */
function count(block: Uint8Array, at: number, length: number): number {
  const value = number(block, at, length);
  if (value < 0) throw badPacket('The archive is damaged: a number is below zero.');
  return value;
}

function base256(field: Uint8Array, negative: boolean): number {
  let value = negative ? -1 : (field[0] as number) & 0x7f;
  for (const byte of field.subarray(1)) value = value * 256 + byte;
  if (!Number.isSafeInteger(value))
    throw badPacket('The archive is damaged: a number is too large.');
  return value;
}
