import { JamesError } from '../../../proto/errors.ts';
import type { Family, Universe } from './universe.ts';
import { type TextColumn, textColumns, type UniverseColumns } from './universe-columns.ts';
import { columnsOf, createUniverse } from './universe-tables.ts';

/*
 * A snapshot is a header of 32-bit words (magic, version, family, checksum of all that follows, number of sections, the
 * bytes of each section) and the sections, each beginning at a multiple of 8. Words are in the machine's own order;
 * the magic tells another order apart.
 */
const MAGIC = 0x4a44554e;
const VERSION = 1;
const FAMILIES: readonly Family[] = ['deb', 'rpm'];
const HEADER_WORDS = 5;
const CHECKSUM_WORD = 3;

type Section = Uint8Array | Uint32Array | Int32Array | Float64Array;

/** The tables in the order of a snapshot. */
function sectionsOf(columns: UniverseColumns): Section[] {
  return [
    ...[columns.texts.bytes, columns.texts.offsets],
    ...textColumns.map((name) => columns.ids[name]),
    ...[columns.flags, columns.mentions, columns.sizes, columns.installedSizes],
    ...[columns.files.starts, columns.files.values, columns.providedNames],
    ...[columns.providers.starts, columns.providers.values],
  ];
}

const align = (bytes: number): number => (bytes + 7) & ~7;

/** Writes a universe so that `fromSnapshot` reads it without parsing. */
export function toSnapshot(universe: Universe): Uint8Array {
  const columns = columnsOf(universe);
  const sections = sectionsOf(columns);
  const start = align((HEADER_WORDS + sections.length) * 4);
  const size = sections.reduce((sum, section) => sum + align(section.byteLength), start);
  const bytes = new Uint8Array(size);
  const header = new Uint32Array(bytes.buffer, 0, HEADER_WORDS + sections.length);
  header.set([MAGIC, VERSION, FAMILIES.indexOf(columns.family), 0, sections.length]);
  let at = start;
  for (const [index, section] of sections.entries()) {
    header[HEADER_WORDS + index] = section.byteLength;
    bytes.set(new Uint8Array(section.buffer, section.byteOffset, section.byteLength), at);
    at += align(section.byteLength);
  }
  header[CHECKSUM_WORD] = checksumOf(bytes);
  return bytes;
}

/** Reads a snapshot; throws `bad-snapshot` if it is damaged, cut or of another version. The bytes must not change later. */
export function fromSnapshot(given: Uint8Array): Universe {
  const bytes = given.byteOffset % 8 === 0 ? given : given.slice();
  if (bytes.length < HEADER_WORDS * 4 || bytes.length % 8 !== 0) throw damaged('it is cut short');
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const [magic, version, family, checksum, count = 0] = words;
  if (magic !== MAGIC) throw damaged('it does not begin as one');
  if (version !== VERSION) throw damaged(`it has version ${version}, and ${VERSION} is read here`);
  if (checksum !== checksumOf(bytes)) throw damaged('its checksum does not match');
  if (count !== textColumns.length + 11) throw damaged('it has another number of tables');
  return createUniverse(toColumns(FAMILIES[family ?? 0] ?? 'deb', sectionReader(bytes, words)));
}

function damaged(problem: string): JamesError {
  return new JamesError(
    'bad-snapshot',
    `The snapshot of an index cannot be used: ${problem}. Refresh its source to make it again.`,
  );
}

/** Gives the sections one after the other. */
function sectionReader(bytes: Uint8Array, words: Uint32Array) {
  let index = HEADER_WORDS;
  let at = align((HEADER_WORDS + (words[4] ?? 0)) * 4);
  const next = (): [ArrayBuffer, number, number] => {
    const length = words[index] ?? 0;
    const start = bytes.byteOffset + at;
    if (at + length > bytes.length) throw damaged('a table reaches beyond its end');
    index += 1;
    at += align(length);
    return [bytes.buffer as ArrayBuffer, start, length];
  };
  return {
    bytes: () => new Uint8Array(...next()),
    unsigned: () => new Uint32Array(...inUnits(next(), 4)),
    integers: () => new Int32Array(...inUnits(next(), 4)),
    numbers: () => new Float64Array(...inUnits(next(), 8)),
  };
}

function inUnits(
  [buffer, start, length]: [ArrayBuffer, number, number],
  unit: number,
): [ArrayBuffer, number, number] {
  return [buffer, start, length / unit];
}

function toColumns(family: Family, section: ReturnType<typeof sectionReader>): UniverseColumns {
  return {
    family,
    texts: { bytes: section.bytes(), offsets: section.unsigned() },
    ids: Object.fromEntries(textColumns.map((name) => [name, section.integers()])) as Record<
      TextColumn,
      Int32Array
    >,
    flags: section.integers(),
    mentions: section.integers(),
    sizes: section.numbers(),
    installedSizes: section.numbers(),
    files: { starts: section.integers(), values: section.integers() },
    providedNames: section.integers(),
    providers: { starts: section.integers(), values: section.integers() },
  };
}

/** FNV-1a over words, without the word that holds the checksum: finds damage, not malice. */
function checksumOf(bytes: Uint8Array): number {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  let hash = 0x811c9dc5;
  for (let at = 0; at < words.length; at += 1)
    if (at !== CHECKSUM_WORD) hash = Math.imul(hash ^ (words[at] as number), 0x01000193);
  return hash >>> 0;
}
