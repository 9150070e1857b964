/** Texts as one run of UTF-8 bytes; text `id` lies between `offsets[id]` and `offsets[id + 1]`. Text 0 is ''. */
export interface TextTable {
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
}

/** Collects texts; equal texts given to `intern` get the same id. */
export interface TextCollector {
  intern(text: string): number;
  /** For texts that hardly repeat (checksums, file names): a new id each time, without a look-up. */
  append(text: string): number;
  readonly count: number;
  build(): TextTable;
}

/** An empty collector. */
export function createTextCollector(): TextCollector {
  const texts: string[] = [''];
  const ids = new Map<string, number>([['', 0]]);
  const append = (text: string): number => {
    if (text === '') return 0;
    texts.push(text);
    return texts.length - 1;
  };
  return {
    intern(text) {
      if (text === '') return 0;
      const known = ids.get(text);
      if (known !== undefined) return known;
      const id = append(text);
      ids.set(text, id);
      return id;
    },
    append,
    get count() {
      return texts.length;
    },
    build: () => encode(texts),
  };
}

const GROUP = 4096;

/** Encodes in groups: one call for many texts, and lengths one by one only where a group has more than ASCII. */
function encode(texts: readonly string[]): TextTable {
  const encoder = new TextEncoder();
  const offsets = new Uint32Array(texts.length + 1);
  const parts: Uint8Array[] = [];
  let at = 0;
  for (let start = 0; start < texts.length; start += GROUP) {
    const group = texts.slice(start, start + GROUP);
    const joined = group.join('');
    const bytes = encoder.encode(joined);
    const isAscii = bytes.length === joined.length;
    for (const [index, text] of group.entries()) {
      offsets[start + index] = at;
      at += isAscii ? text.length : encoder.encode(text).length;
    }
    parts.push(bytes);
  }
  offsets[texts.length] = at;
  return { bytes: concatenate(parts, at), offsets };
}

function concatenate(parts: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Gives the text of an id; decodes when asked, so that a table costs its bytes only. */
export function createTextReader(table: TextTable): (id: number) => string {
  const decoder = new TextDecoder();
  const { bytes, offsets } = table;
  return (id) => {
    const start = offsets[id] ?? 0;
    const end = offsets[id + 1] ?? start;
    return start === end ? '' : decode(decoder, bytes, start, end);
  };
}

const SHORT = 24;

/** Short ASCII texts are put together by hand: faster than the decoder's call. */
function decode(
  decoder: InstanceType<typeof TextDecoder>,
  bytes: Uint8Array,
  start: number,
  end: number,
): string {
  if (end - start > SHORT) return decoder.decode(bytes.subarray(start, end));
  let text = '';
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] as number;
    if (byte > 127) return decoder.decode(bytes.subarray(start, end));
    text += String.fromCharCode(byte);
  }
  return text;
}

/** Texts of many ids at once: put together and decoded in one call, which is many times as fast as one by one. */
export function readTexts(table: TextTable, ids: Int32Array): string[] {
  const lengthOf = (id: number): number =>
    (table.offsets[id + 1] as number) - (table.offsets[id] as number);
  let total = 0;
  for (const id of ids) total += lengthOf(id);
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const id of ids) {
    bytes.set(table.bytes.subarray(table.offsets[id], table.offsets[id + 1]), at);
    at += lengthOf(id);
  }
  const joined = new TextDecoder().decode(bytes);
  if (joined.length !== total) return Array.from(ids, createTextReader(table));
  let end = 0;
  return Array.from(ids, (id) => {
    const start = end;
    end += lengthOf(id);
    return joined.slice(start, end);
  });
}
