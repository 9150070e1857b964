import { sha256Of } from '../../proto/digest.ts';

/** A line: sixteen digits of the SHA-256 of the rest, the line's number, the entry. */
export function encodeLine(number: number, entry: object): string {
  const rest = `${number} ${JSON.stringify(entry)}`;
  return `${checksum(rest)} ${rest}\n`;
}

/** The entries up to the first line that is torn, out of order or not ours. */
export function decodeLines<Entry>(
  text: string,
  isEntry: (value: unknown) => value is Entry,
): Entry[] {
  const entries: Entry[] = [];
  for (const line of text.split('\n').slice(0, -1)) {
    const value = decodeLine(line, entries.length);
    if (!isEntry(value)) break;
    entries.push(value);
  }
  return entries;
}

/** The value of an intact line; undefined otherwise. */
function decodeLine(line: string, number: number): unknown {
  const rest = line.slice(17);
  const start = `${number} `;
  if (!rest.startsWith(start) || line.slice(0, 16) !== checksum(rest)) return undefined;
  try {
    return JSON.parse(rest.slice(start.length)) as unknown;
  } catch {
    return undefined;
  }
}

const checksum = (text: string): string => sha256Of(text).slice(7, 23);
