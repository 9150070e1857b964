import { JamesError } from '../errors.ts';
import { badPacket, shown } from './archive-error.ts';
import { type ByteReader, createByteReader } from './byte-reader.ts';
import { decodePax, type PaxRecords } from './pax-records.ts';
import { BLOCK, decodeHeader, decodeName, MALFORMED_NAME, type TarHeader } from './tar-header.ts';

/** One member of an archive. */
export interface TarEntry extends TarHeader {
  /** Its bytes; to be read, if at all, before the next entry is asked for. */
  content(): AsyncIterable<Uint8Array>;
}

/** Extended headers and long names beyond this are refused. */
const MAX_META_BYTES = 64 * 1024;

interface Meta {
  pax: PaxRecords;
  longName: string | null;
  longLink: string | null;
}

/**
 * The members of a tar archive: ustar, pax (POSIX.1-2001) or GNU, in order, with bounded memory. Throws `bad-packet` if it
 * is damaged, cut off, lacks its end mark or is followed by other bytes.
 */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const reader = createByteReader(source);
  try {
    let meta = noMeta();
    for (;;) {
      const header = await readHeader(reader);
      if (header === null) break;
      if ('xgLK'.includes(header.type)) {
        meta = await readMeta(reader, header, meta);
        continue;
      }
      const entry = withMeta(header, meta);
      meta = noMeta();
      yield* oneEntry(reader, entry);
    }
    await refuseRest(reader);
  } finally {
    await reader.close();
  }
}

const noMeta = (): Meta => ({ pax: new Map(), longName: null, longLink: null });

async function readHeader(reader: ByteReader): Promise<TarHeader | null> {
  const block = await reader.read(BLOCK);
  if (block.length < BLOCK) throw cutOff();
  return decodeHeader(block);
}

const cutOff = (): Error => badPacket('The packet is cut off: its archive has no end mark.');

async function readMeta(reader: ByteReader, header: TarHeader, meta: Meta): Promise<Meta> {
  if (header.size > MAX_META_BYTES)
    throw new JamesError('too-large', `An extended header has more than ${MAX_META_BYTES} bytes.`);
  const body = (await reader.read(header.size)).slice();
  if (body.length < header.size) throw cutOff();
  await skip(reader, padding(header.size));
  if (header.type === 'x') return { ...meta, pax: decodePax(body) };
  if (header.type === 'g') return refuseGlobal(decodePax(body), meta);
  const end = body.indexOf(0);
  const name = decodeName(end < 0 ? body : body.subarray(0, end));
  return header.type === 'L' ? { ...meta, longName: name } : { ...meta, longLink: name };
}

/** Of a global header only comments are taken: anything else would change entries that do not say so. */
function refuseGlobal(records: PaxRecords, meta: Meta): Meta {
  const [other] = [...records.keys()].filter((keyword) => keyword !== 'comment');
  if (other === undefined) return meta;
  throw badPacket(`The archive has a global header with ${shown(other)}; make it without.`);
}

function withMeta(header: TarHeader, { pax, longName, longLink }: Meta): TarHeader {
  const numeric = (keyword: string, otherwise: number): number => {
    const value = pax.get(keyword);
    if (value === undefined) return otherwise;
    const form = keyword === 'mtime' ? /^-?\d{1,15}(\.\d*)?$/ : /^\d{1,15}$/;
    if (!form.test(value)) throw badPacket(`The archive is damaged: ${keyword} is not a number.`);
    return Number(value);
  };
  const name = pax.get('path') ?? longName ?? header.name;
  const linkName = pax.get('linkpath') ?? longLink ?? header.linkName;
  if (name.includes(MALFORMED_NAME) || linkName.includes(MALFORMED_NAME))
    throw badPacket('A name in the archive is not UTF-8.');
  return {
    ...header,
    name,
    linkName,
    size: numeric('size', header.size),
    uid: numeric('uid', header.uid),
    gid: numeric('gid', header.gid),
    modified: numeric('mtime', header.modified),
  };
}

async function* oneEntry(reader: ByteReader, header: TarHeader): AsyncGenerator<TarEntry> {
  let left = header.size;
  async function* content(): AsyncGenerator<Uint8Array> {
    while (left > 0) {
      const chunk = await reader.some(left);
      if (chunk === null) throw cutOff();
      left -= chunk.length;
      yield chunk;
    }
  }
  yield { ...header, content };
  await skip(reader, left + padding(header.size));
}

const padding = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK;

async function skip(reader: ByteReader, bytes: number): Promise<void> {
  for (let left = bytes; left > 0; ) {
    const chunk = await reader.some(left);
    if (chunk === null) throw cutOff();
    left -= chunk.length;
  }
}

/** After the first block of zeros there are only zeros, and at least one block more. */
async function refuseRest(reader: ByteReader): Promise<void> {
  let bytes = 0;
  for (let chunk = await reader.some(65536); chunk !== null; chunk = await reader.some(65536)) {
    if (chunk.some((byte) => byte !== 0))
      throw badPacket('Other bytes follow the end of the archive.');
    bytes += chunk.length;
  }
  if (bytes < BLOCK) throw cutOff();
}
