import { JamesError } from './errors.ts';

const MAX_DEPTH = 64;
const QUOTE = 34;
const BACKSLASH = 92;

/**
 * A JSON value (RFC 8259) in which no key stands twice and nothing is nested deeper than 64 levels.
 * Throws `bad-json` or `duplicate-key`, with line and column.
 */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new JamesError(
      'bad-json',
      `The text is not JSON: ${withoutText((cause as Error).message)}.`,
      { cause },
    );
  }
  refuseDuplicates(text);
  return value;
}

/** Walks the tokens of a text that is known to be JSON. */
function refuseDuplicates(text: string): void {
  const open: (Set<string> | null)[] = [];
  const token = /["{}[\]]/g;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const found = match[0];
    if (found === '{') open.push(new Set());
    else if (found === '[') open.push(null);
    else if (found === '}' || found === ']') open.pop();
    else {
      token.lastIndex = stringEnd(text, match.index);
      if (isKey(text, token.lastIndex))
        addKey(open.at(-1), text.slice(match.index, token.lastIndex), text, match.index);
    }
    if (open.length > MAX_DEPTH)
      throw new JamesError('bad-json', `The JSON is nested deeper than ${MAX_DEPTH} levels.`);
  }
}

/** Behind the closing quote of the string that begins at `start`; a regular expression would need a stack for it. */
function stringEnd(text: string, start: number): number {
  for (let at = start + 1; ; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE || Number.isNaN(code)) return at + 1;
    if (code === BACKSLASH) at += 1;
  }
}

function isKey(text: string, end: number): boolean {
  let at = end;
  while (' \t\r\n'.includes(text[at] ?? '-')) at += 1;
  return text[at] === ':';
}

function addKey(
  keys: Set<string> | null | undefined,
  quoted: string,
  text: string,
  at: number,
): void {
  if (!keys) return;
  const key = quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
  if (keys.has(key)) {
    const position = positionAt(text, at);
    throw new JamesError(
      'duplicate-key',
      `Line ${position.line}, column ${position.column}: the key ${JSON.stringify(key.slice(0, 60))} stands twice.`,
      { position },
    );
  }
  keys.add(key);
}

/** What is wrong, without the piece of the text that some engines repeat: it may be a password. */
function withoutText(message: string): string {
  return message.replace(/, (\.\.\.)?".*$/s, '').slice(0, 200);
}

/** Line and column, from 1, of an offset in a text. */
export function positionAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const lastBreak = before.lastIndexOf('\n');
  return { line: before.split('\n').length, column: offset - lastBreak };
}
