import { encodePax } from './pax-records.ts';
import { BLOCK, encodeHeader, type TarHeader } from './tar-header.ts';

/** A member to be written; `content` must give exactly `size` bytes. */
export interface TarMember extends TarHeader {
  content: AsyncIterable<Uint8Array>;
}

const MAX_OCTAL_7 = 0o7777777;
const MAX_OCTAL_11 = 0o77777777777;

/**
 * The bytes of a tar archive. The same members give the same bytes: ustar headers, and before a member that does not fit
 * into one a pax header (POSIX.1-2001) with just what does not. Times are whole seconds.
 */
export async function* writeTar(members: AsyncIterable<TarMember>): AsyncGenerator<Uint8Array> {
  for await (const member of members) {
    yield headersOf(member);
    yield* member.content;
    yield new Uint8Array(paddingOf(member.size));
  }
  yield new Uint8Array(2 * BLOCK);
}

function headersOf(member: TarHeader): Uint8Array {
  const records = new Map<string, string>();
  const fitting: TarHeader = {
    ...member,
    name: fitName(member.name, 'path', records),
    linkName: fitName(member.linkName, 'linkpath', records),
    uid: fitNumber(member.uid, MAX_OCTAL_7, 'uid', records),
    gid: fitNumber(member.gid, MAX_OCTAL_7, 'gid', records),
    size: fitNumber(member.size, MAX_OCTAL_11, 'size', records),
    modified: fitNumber(member.modified, MAX_OCTAL_11, 'mtime', records),
  };
  if (records.size === 0) return encodeHeader(fitting);
  return Buffer.concat([extendedHeader(records), encodeHeader(fitting)]);
}

/** The name if the header can carry it; otherwise a stand-in, and the name becomes a record. */
function fitName(name: string, keyword: string, records: Map<string, string>): string {
  if (/^[\x20-\x7e]*$/.test(name) && name.length <= 100) return name;
  records.set(keyword, name);
  return name.replace(/[^\x20-\x7e]/g, '_').slice(0, 100);
}

function fitNumber(
  value: number,
  most: number,
  keyword: string,
  records: Map<string, string>,
): number {
  if (value >= 0 && value <= most) return value;
  records.set(keyword, String(value));
  return 0;
}

function extendedHeader(records: Map<string, string>): Uint8Array {
  const body = encodePax(records);
  const header = encodeHeader({
    name: '././@PaxHeader',
    type: 'x',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: body.length,
    modified: 0,
    linkName: '',
  });
  return Buffer.concat([header, body, new Uint8Array(paddingOf(body.length))]);
}

const paddingOf = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK;
