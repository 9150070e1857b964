import { join, paint, type Span, spansOf, strong, type Text } from './text.ts';
import type { Column, Fields, Lines, Table, View } from './view.ts';
import { oneLine, truncate, widthOf } from './width.ts';

export interface Page {
  /** Columns to fit into; Infinity if nothing is to be cut. */
  width: number;
  colour: boolean;
  /** Show the columns that are marked wide. */
  wide: boolean;
}

const GAP = 2;
const LEAST_COLUMN = 6;

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
  return rows.map((row) => paint(layOutRow(row, columns, widths), page.colour).trimEnd());
}

function layOutRow(row: readonly Text[], columns: readonly Column[], widths: number[]): Text {
  const cells = row.map((cell, index): Text => {
    const width = widths[index] ?? 0;
    const cut = truncate(cell, width);
    const blank = ' '.repeat(Math.max(width - widthOf(cut), 0));
    if (columns[index]?.align === 'right') return [blank, ...spansOf(cut)];
    return index === row.length - 1 ? cut : [...spansOf(cut), blank];
  });
  return join(cells, ' '.repeat(GAP));
}

/** The widths of the columns, the widest made narrower one by one until the row fits. */
function fitted(rows: readonly (readonly Text[])[], columns: readonly Column[], width: number) {
  const widths = columns.map((_, index) =>
    rows.reduce((most, row) => Math.max(most, widthOf(row[index] ?? '')), 0),
  );
  const gaps = GAP * (columns.length - 1);
  let over = widths.reduce((sum, one) => sum + one, gaps) - width;
  while (over > 0) {
    const spare = widestColumn(widths, columns, false);
    const widest = spare < 0 ? widestColumn(widths, columns, true) : spare;
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    over -= 1;
  }
  return widths;
}

/** The index of the widest column that can still lose something; -1 if there is none. */
function widestColumn(
  widths: readonly number[],
  columns: readonly Column[],
  keep: boolean,
): number {
  let widest = -1;
  for (const [index, width] of widths.entries()) {
    const least = Math.max(LEAST_COLUMN, columns[index]?.title.length ?? 0);
    if ((columns[index]?.keep ?? false) !== keep || width <= least) continue;
    if (widest < 0 || width > (widths[widest] ?? 0)) widest = index;
  }
  return widest;
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
