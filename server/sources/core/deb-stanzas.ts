import { JamesError } from '../../../proto/errors.ts';

/** The longest line and the longest stanza that are read: far above what any archive has. */
const LONGEST_LINE = 1 << 20;
const LONGEST_STANZA = 4 << 20;
const WINDOW = 1 << 20;
const NEWLINE = 10;

/** The fields that a caller wants, by their lower-case name, in the place of their value. */
export type FieldPlaces = ReadonlyMap<string, number>;

/**
 * Reads deb822 stanzas (deb-control(5)): `visit` gets the values of the wanted fields of each stanza, in their places,
 * folded lines joined by a newline; '' for an absent one. The array is used again for the next stanza. Names of fields
 * count in any case; of a field that stands twice the first counts. Throws `bad-index` with the line.
 */
export function readStanzas(
  bytes: Uint8Array,
  fields: FieldPlaces,
  visit: (values: readonly string[]) => void,
): void {
  const stanza = createStanza(fields);
  let line = 1;
  for (const text of decodeInWindows(bytes)) line = readText(text, line, stanza, visit);
  stanza.end(visit);
}

/** Cut after a newline, so that each window is a whole number of lines. */
function* decodeInWindows(bytes: Uint8Array): Generator<string> {
  const decoder = new TextDecoder();
  let start = 0;
  while (start < bytes.length) {
    let end = Math.min(start + WINDOW, bytes.length);
    if (end < bytes.length) {
      const newline = bytes.lastIndexOf(NEWLINE, end);
      if (newline < start) throw tooLong('line', null);
      end = newline + 1;
    }
    yield decoder.decode(bytes.subarray(start, end));
    start = end;
  }
}

function tooLong(what: 'line' | 'stanza', line: number | null): JamesError {
  const where = line === null ? '' : ` (line ${line})`;
  return new JamesError('bad-index', `A ${what} of the index is longer than is read${where}.`);
}

interface Stanza {
  field(name: string, value: string, line: number): void;
  continuation(text: string, line: number): void;
  end(visit: (values: readonly string[]) => void): void;
}

function createStanza(fields: FieldPlaces): Stanza {
  const values = new Array<string>(fields.size).fill('');
  const lookUp = createFieldLookUp(fields);
  const seen = new Uint8Array(fields.size);
  let place = -1;
  let isEmpty = true;
  let size = 0;
  const grow = (text: string, line: number): void => {
    size += text.length + 1;
    if (size > LONGEST_STANZA) throw tooLong('stanza', line);
  };
  return {
    field(name, value, line) {
      grow(value, line);
      isEmpty = false;
      place = lookUp(name);
      if (place < 0) return;
      if (seen[place] === 1) {
        place = -1;
        return;
      }
      seen[place] = 1;
      values[place] = value;
    },
    continuation(text, line) {
      grow(text, line);
      if (isEmpty) throw malformed(line);
      if (place >= 0) values[place] += `\n${text}`;
    },
    end(visit) {
      if (!isEmpty) visit(values);
      values.fill('');
      seen.fill(0);
      place = -1;
      isEmpty = true;
      size = 0;
    },
  };
}

/** Remembers each spelling of a field's name that occurred, within bounds. */
function createFieldLookUp(fields: FieldPlaces): (name: string) => number {
  const known = new Map<string, number>();
  return (name) => {
    const place = known.get(name);
    if (place !== undefined) return place;
    const found = fields.get(name.toLowerCase()) ?? -1;
    if (known.size < 1024) known.set(name, found);
    return found;
  };
}

function readText(
  text: string,
  firstLine: number,
  stanza: Stanza,
  visit: (values: readonly string[]) => void,
): number {
  let line = firstLine;
  let start = 0;
  while (start < text.length) {
    let end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    if (end - start > LONGEST_LINE) throw tooLong('line', line);
    readLine(text, start, end, line, stanza, visit);
    start = end + 1;
    line += 1;
  }
  return line;
}

const SPACE = 32;
const TAB = 9;
const HASH = 35;

function readLine(
  text: string,
  start: number,
  end: number,
  line: number,
  stanza: Stanza,
  visit: (values: readonly string[]) => void,
): void {
  const first = text.charCodeAt(start);
  if (start === end) stanza.end(visit);
  else if (first === SPACE || first === TAB) readIndented(text, start, end, line, stanza, visit);
  else if (first !== HASH) readField(text, start, end, line, stanza, visit);
}

function readField(
  text: string,
  start: number,
  end: number,
  line: number,
  stanza: Stanza,
  visit: (values: readonly string[]) => void,
): void {
  const colon = text.indexOf(':', start);
  if (colon > start && colon < end)
    stanza.field(text.slice(start, colon), trimmed(text, colon + 1, end), line);
  else if (trimmed(text, start, end) === '') stanza.end(visit);
  else throw malformed(line);
}

/** A line of blanks alone ends a stanza, as an empty one does. */
function readIndented(
  text: string,
  start: number,
  end: number,
  line: number,
  stanza: Stanza,
  visit: (values: readonly string[]) => void,
): void {
  const rest = trimmed(text, start, end);
  if (rest === '') stanza.end(visit);
  else stanza.continuation(rest, line);
}

/** Blanks: space, tab, carriage return. */
const isBlank = (code: number): boolean => code === SPACE || code === TAB || code === 13;

function trimmed(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function malformed(line: number): JamesError {
  return new JamesError('bad-index', `Line ${line} of the index is no "Field: value".`, {
    position: { line, column: 1 },
  });
}
