import type { Row } from './row.ts';

const heads = ['name', 'n', 'value', 'bar', 'peer', 'ratio', 'rounds', ''];

/** The rows as a table for people; notes stand below. */
export function formatTable(rows: readonly Row[]): string {
  const lines = [heads, ...rows.map(cells)];
  const widths = heads.map((_, column) =>
    Math.max(...lines.map((line) => [...(line[column] ?? '')].length)),
  );
  const table = lines.map((line) =>
    line
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - [...cell].length))
      .join('  ')
      .trimEnd(),
  );
  const notes = rows.filter((row) => row.note).map((row) => `${row.name}: ${row.note}`);
  return [...table, ...(notes.length > 0 ? ['', ...notes] : [])].join('\n');
}

function cells(row: Row): string[] {
  const peer =
    row.peer === undefined
      ? ''
      : `${row.peer} ${row.peerVersion ?? ''} ${row.peerValue === undefined ? '' : figure(row.peerValue)}`;
  return [
    row.name,
    row.n.toLocaleString('en'),
    `${figure(row.value)} ${row.unit}`,
    row.bar,
    peer.replaceAll(/ +/g, ' ').trim(),
    row.ratio === undefined ? '' : `${figure(row.ratio)} ×`,
    String(row.rounds),
    row.ok ? 'ok' : 'MISSED',
  ];
}

/** Three significant digits, without an exponent. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toFixed(Math.min(digits, 6));
}
