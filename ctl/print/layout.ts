import { join, paint, type Span, spansOf, strong, type Text } from './text.ts';
import type { Column, Fields, Lines, Table, View } from './view.ts';
import { chunks, oneLine, truncate, widthOf } from './width.ts';

export interface Page {
  /** Columns to fit into; Infinity if nothing is to be cut. */
  width: number;
  colour: boolean;
  /** Show the columns that are marked wide. */
  wide: boolean;
}

const GAP = 2;
const LEAST_COLUMN = 6;
/** Where a cell that goes on may be broken: behind a blank, and within the lists of selectors. */
const BREAKS = /(?<= )|(?<=[,|])(?! )/;

/** The lines of a view, each without a line feed. */
export function layOut(view: View, page: Page): string[] {
  if (isList(view)) return view.flatMap((part, index) => spaced(layOut(part, page), index));
  switch (view.kind) {
    case 'table':
      return layOutTable(view, page);
    case 'fields':
      return layOutFields(view, page);
    case 'lines':
      return layOutLines(view, page);
  }
}

/** What to say on stderr where a table has no rows. */
export function emptyNotes(view: View): string[] {
  if (isList(view)) return view.flatMap(emptyNotes);
  return view.kind === 'table' && view.rows.length === 0 && view.empty !== '' ? [view.empty] : [];
}

function spaced(lines: string[], index: number): string[] {
  return index > 0 && lines.length > 0 ? ['', ...lines] : lines;
}

function layOutTable(view: Table, page: Page): string[] {
  if (view.rows.length === 0) return [];
  const shown = view.columns.flatMap((column, index) => (column.wide && !page.wide ? [] : [index]));
  const columns = shown.map((index) => view.columns[index] as Column);
  const head: Text[] = columns.map(({ title }) => strong(title));
  const body = view.rows.map((row) => shown.map((index) => oneLine(row[index] ?? '')));
  const rows = [head, ...body];
  const widths = fitted(rows, columns, page.width);
  return rows.flatMap((row) =>
    layOutRow(row, columns, widths).map((line) => paint(line, page.colour).trimEnd()),
  );
}

/** The lines of a row: as many as its longest cell needs. */
function layOutRow(row: readonly Text[], columns: readonly Column[], widths: number[]): Text[] {
  const cells = row.map((cell, index) => cellLines(cell, columns[index], widths[index] ?? 0));
  const height = Math.max(...cells.map((parts) => parts.length));
  return Array.from({ length: height }, (_, at) => {
    const parts = cells.map((lines, index): Text => {
      const part = lines[at] ?? '';
      const blank = ' '.repeat(Math.max((widths[index] ?? 0) - widthOf(part), 0));
      if (columns[index]?.align === 'right') return [blank, ...spansOf(part)];
      return index === row.length - 1 ? part : [...spansOf(part), blank];
    });
    return join(parts, ' '.repeat(GAP));
  });
}

/** A cell is cut to its column, unless the column goes on in the next line. */
function cellLines(cell: Text, column: Column | undefined, width: number): Text[] {
  if (column?.wrap !== true || widthOf(cell) <= width) return [truncate(cell, width)];
  const words = spansOf(cell).flatMap(({ text, tone }): Span[] =>
    text.split(BREAKS).flatMap((word) => chunks(word, width).map((part) => ({ text: part, tone }))),
  );
  return wrapSpans(words, width, 0);
}

/**
 * The widths of the columns, the widest made narrower one by one until the row fits: first those that leave no word
 * broken, then all that may be cut, at last what a person copies.
 */
function fitted(rows: readonly (readonly Text[])[], columns: readonly Column[], width: number) {
  const most = (measure: (cell: Text) => number): number[] =>
    columns.map((_, index) => Math.max(0, ...rows.map((row) => measure(row[index] ?? ''))));
  const widths = most(widthOf);
  const words = most(longestWord);
  const least = columns.map(({ title }) => Math.max(LEAST_COLUMN, title.length));
  const whole = columns.map(({ keep, wrap }, index) =>
    keep ? Number.POSITIVE_INFINITY : Math.max(least[index] ?? 0, wrap ? (words[index] ?? 0) : 0),
  );
  const cut = columns.map(({ keep }, index) =>
    keep ? Number.POSITIVE_INFINITY : (least[index] ?? 0),
  );
  let over = widths.reduce((sum, one) => sum + one, GAP * (columns.length - 1)) - width;
  for (const limits of [whole, cut, least])
    for (let at = widest(widths, limits); over > 0 && at >= 0; at = widest(widths, limits)) {
      widths[at] = (widths[at] ?? 0) - 1;
      over -= 1;
    }
  return widths;
}

/** The index of the widest column that is above its limit; -1 if there is none. */
function widest(widths: readonly number[], limits: readonly number[]): number {
  let found = -1;
  for (const [index, width] of widths.entries()) {
    if (width <= (limits[index] ?? 0)) continue;
    if (found < 0 || width > (widths[found] ?? 0)) found = index;
  }
  return found;
}

function longestWord(cell: Text): number {
  const words = spansOf(cell).flatMap(({ text }) => text.split(BREAKS));
  return Math.max(0, ...words.map((word) => widthOf(word.trimEnd())));
}

function layOutFields({ title, fields }: Fields, page: Page): string[] {
  const name = Math.max(0, ...fields.map(([text]) => text.length));
  const lines = fields.flatMap(([text, value]) =>
    fieldLines(text.padEnd(name + GAP), value, page).map((line) => paint(line, page.colour)),
  );
  return title === undefined ? lines : [paint(title, page.colour), ...lines];
}

/** A value of several lines goes on under its first one, as does what is too long. */
function fieldLines(name: string, value: Text, page: Page): Text[] {
  const room = Math.max(page.width - name.length, 20);
  const parts = typeof value === 'string' ? value.split('\n') : [oneLine(value)];
  const values = parts.flatMap((part) => wrapSpans(part, room, 0));
  return values.map((line, index) => [
    index === 0 ? { text: name, tone: 'dim' as const } : ' '.repeat(name.length),
    ...spansOf(line),
  ]);
}

function layOutLines({ lines, wrap: mayBreak }: Lines, page: Page): string[] {
  const whole = lines.map(oneLine);
  const shown = mayBreak
    ? whole.flatMap((line) => wrapSpans(line, page.width, leadingBlanks(line) + 2))
    : whole;
  return shown.map((line) => paint(line, page.colour));
}

/** Breaks a text at spaces and keeps the tones; lines after the first are indented. */
function wrapSpans(text: Text, width: number, indent: number): Text[] {
  const result: Span[][] = [];
  let line: Span[] = [];
  let used = 0;
  for (const { text: whole, tone } of spansOf(text)) {
    for (const piece of whole.split(/(?<= )/)) {
      if (used > indent && used + widthOf(piece.trimEnd()) > width) {
        result.push(withoutEnd(line));
        line = [{ text: ' '.repeat(indent), tone: 'plain' }];
        used = indent;
      }
      line.push({ text: piece, tone });
      used += widthOf(piece);
    }
  }
  return [...result, line];
}

/** Without the blanks before a break. */
function withoutEnd(line: readonly Span[]): Span[] {
  const last = line.at(-1);
  return last ? [...line.slice(0, -1), { ...last, text: last.text.trimEnd() }] : [];
}

function leadingBlanks(text: Text): number {
  const [first] = spansOf(text);
  return first ? first.text.length - first.text.trimStart().length : 0;
}

function isList(view: View): view is readonly View[] {
  return Array.isArray(view);
}
