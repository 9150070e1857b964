import { badPacket } from './archive-error.ts';
import { decodeName } from './tar-header.ts';

/** Keyword and value of an extended header, POSIX.1-2001 `pax`, section "pax Extended Header". */
export type PaxRecords = ReadonlyMap<string, string>;

/** Attributes that the packet format does not carry. */
const REFUSED =
  /^(SCHILY\.xattr|LIBARCHIVE\.xattr|SCHILY\.acl|RHT\.security|GNU\.sparse|SCHILY\.fflags)\b/;

/** The records of an extended header. Throws `bad-packet` if they are malformed or carry what a packet may not. */
export function decodePax(body: Uint8Array): PaxRecords {
  const records = new Map<string, string>();
  let at = 0;
  while (at < body.length) {
    const space = body.indexOf(32, at);
    const length = space < 0 ? Number.NaN : Number(decodeName(body.subarray(at, space)));
    if (!Number.isInteger(length) || length < 5 || at + length > body.length) throw malformed();
    if (body[at + length - 1] !== 10) throw malformed();
    addRecord(records, body.subarray(space + 1, at + length - 1));
    at += length;
  }
  return records;
}

function addRecord(records: Map<string, string>, record: Uint8Array): void {
  const equals = record.indexOf(61);
  if (equals <= 0) throw malformed();
  const keyword = decodeName(record.subarray(0, equals));
  if (REFUSED.test(keyword))
    throw badPacket(
      `The archive carries ${keyword.split('.').slice(0, 2).join('.')}, which a packet may not; make it without extended attributes, access lists and sparse files.`,
    );
  records.set(keyword, decodeName(record.subarray(equals + 1)));
}

const malformed = (): Error =>
  badPacket('The archive is damaged: an extended header is malformed.');

/** The body of an extended header with these records, in the order given. */
export function encodePax(records: PaxRecords): Uint8Array {
  const parts: Buffer[] = [];
  for (const [keyword, value] of records) {
    const rest = Buffer.byteLength(` ${keyword}=${value}\n`);
    let length = rest + String(rest).length;
    if (rest + String(length).length > length) length += 1;
    parts.push(Buffer.from(`${length} ${keyword}=${value}\n`));
  }
  return Buffer.concat(parts);
}
