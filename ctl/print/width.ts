import { type Span, spansOf, type Text, visible } from './text.ts';

/** Columns that a text takes on a terminal: wide characters (Unicode UAX 11) two, combining marks none. */
export function widthOf(text: Text): number {
  let width = 0;
  for (const { text: part } of spansOf(text))
    for (const character of part) width += columnsOf(character);
  return width;
}

/** The text cut to at most `width` columns, with `…` at the end if something was cut. */
export function truncate(text: Text, width: number): Text {
  if (widthOf(text) <= width) return text;
  const result: Span[] = [];
  let left = Math.max(width - 1, 0);
  for (const span of spansOf(text)) {
    const part = takeColumns(span.text, left);
    left -= widthOf(part);
    result.push({ ...span, text: part.length < span.text.length ? `${part}…` : part });
    if (part.length < span.text.length) break;
  }
  return width <= 0 ? '' : result;
}

/** Lines of at most `width` columns, broken at spaces where there are some. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** A word in pieces of at most `width` columns; blanks at its end do not count. */
export function chunks(word: string, width: number): string[] {
  const pieces: string[] = [];
  let rest = word;
  while (width > 0 && widthOf(rest.trimEnd()) > width) {
    const piece = takeColumns(rest, width);
    if (piece === '') break;
    pieces.push(piece);
    rest = rest.slice(piece.length);
  }
  return [...pieces, rest];
}

/** A cell must stay on its line. */
export function oneLine(text: Text): Text {
  return spansOf(text).map((span) => ({
    ...span,
    text: visible(span.text.replace(/\s*\n\s*/g, ' ')),
  }));
}

function takeColumns(text: string, width: number): string {
  let taken = '';
  let used = 0;
  for (const character of text) {
    used += columnsOf(character);
    if (used > width) break;
    taken += character;
  }
  return taken;
}

function columnsOf(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (/^[\p{Mn}\p{Me}\p{Cf}]$/u.test(character)) return 0;
  return isWide(code) ? 2 : 1;
}

function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  );
}
