import type { SourceOutcome, SourceStatusView } from '../../proto/source-status.ts';
import { formatBytes } from '../core/duration.ts';
import { bad, dim, good, strong, type Text } from './text.ts';
import { ageOf, shortTime, timeUntil } from './time.ts';
import { fields, type Table, table, type View } from './view.ts';

export function refreshTable(outcomes: readonly SourceOutcome[]): Table {
  return table(
    [
      { title: 'SOURCE', keep: true },
      { title: 'RESULT' },
      { title: 'PACKAGES', align: 'right' },
      { title: 'REASON', wrap: true },
    ],
    outcomes.map(({ source, result, packages, error }) => [
      strong(source),
      result === 'failed' ? bad(result) : good(result),
      String(packages),
      error ? `${error.code}: ${error.detail}` : '-',
    ]),
    'There are no sources.',
  );
}

export function statusTable(statuses: readonly SourceStatusView[], now: number): Table {
  return table(
    [
      { title: 'SOURCE', keep: true },
      { title: 'STATE' },
      { title: 'PACKAGES', align: 'right' },
      { title: 'INDEXES', align: 'right' },
      { title: 'MEMORY', align: 'right', wide: true },
      { title: 'GOOD', align: 'right' },
      { title: 'TRIED', align: 'right', wide: true },
      { title: 'NEXT', align: 'right' },
      { title: 'REASON', wrap: true },
    ],
    statuses.map((status) => [
      strong(status.id),
      stateText(status),
      String(status.packages),
      String(status.indexes.length),
      formatBytes(status.bytes),
      ageOf(status.lastGoodAt, now),
      ageOf(status.lastTriedAt, now),
      status.nextAt === null ? '-' : timeUntil(status.nextAt, now),
      status.error ? `${status.error.code}: ${status.error.detail}` : '-',
    ]),
    'There are no sources.',
  );
}

/** A source with its indexes. */
export function statusView(status: SourceStatusView, now: number): View {
  const { error } = status;
  return [
    fields(
      [
        ['state', stateText(status)],
        ['packages', String(status.packages)],
        ['memory', formatBytes(status.bytes)],
        ['last good', ageOf(status.lastGoodAt, now)],
        ['last tried', ageOf(status.lastTriedAt, now)],
        ['next', status.nextAt === null ? '-' : timeUntil(status.nextAt, now)],
        ['error', error ? bad(`${error.code}: ${error.detail}`) : '-'],
      ],
      strong(status.id),
    ),
    table(
      [
        { title: 'COMPONENT' },
        { title: 'ARCH' },
        { title: 'PACKAGES', align: 'right' },
        { title: 'DATE' },
        { title: 'VALID UNTIL' },
        { title: 'ADDRESS', keep: true },
      ],
      status.indexes.map(({ component, arch, packages, date, validUntil, url }) => [
        component ?? '-',
        arch ?? '-',
        String(packages),
        date === null ? '-' : shortTime(date),
        validUntil === null ? '-' : shortTime(validUntil),
        url,
      ]),
      'No index is loaded.',
    ),
  ];
}

function stateText({ state, refreshing }: SourceStatusView): Text {
  const shown = refreshing ? `${state}, refreshing` : state;
  if (state === 'failed') return bad(shown);
  return state === 'ready' ? good(shown) : dim(shown);
}
