import type { Text } from './text.ts';

/** How data is shown to a person; pure data, laid out by `layout.ts`. */
export type View = Table | Fields | Lines | readonly View[];

/** Rows under headings. Columns marked `wide` show with `-o wide` only. */
export interface Table {
  kind: 'table';
  columns: readonly Column[];
  rows: readonly (readonly Text[])[];
  /** What is said (on stderr) instead of an empty table. */
  empty: string;
}

export interface Column {
  title: string;
  wide?: boolean;
  align?: 'right';
  /** Cut only when nothing else can be: what a person copies from here. */
  keep?: boolean;
  /** What is too long goes on in further lines of the row: lists and sentences, of which nothing may be lost. */
  wrap?: boolean;
}

/** Names and values under one another. */
export interface Fields {
  kind: 'fields';
  title?: Text;
  fields: readonly (readonly [name: string, value: Text])[];
}

/** Text as it is, one line each; `wrap` breaks long ones, later parts indented by two columns more. */
export interface Lines {
  kind: 'lines';
  lines: readonly Text[];
  wrap?: boolean;
}

export const lines = (...texts: readonly Text[]): Lines => ({ kind: 'lines', lines: texts });
export const table = (columns: readonly Column[], rows: Table['rows'], empty: string): Table => ({
  kind: 'table',
  columns,
  rows,
  empty,
});
export const fields = (values: Fields['fields'], title?: Text): Fields => ({
  kind: 'fields',
  fields: values,
  ...(title !== undefined && { title }),
});
