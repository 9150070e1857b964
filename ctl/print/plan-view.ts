import type { Plan } from '../../proto/api.ts';
import { formatBytes } from '../core/duration.ts';
import { problemText } from './device-view.ts';
import { packageRows } from './package-view.ts';
import { labelsText, shortId } from './packet-view.ts';
import { bad, dim, strong, type Text } from './text.ts';
import { type Lines, table, type View } from './view.ts';

/** The packets and packages that a labelset would get, and why. */
export function planView({ packets, packages, problems }: Plan): View {
  const rows = table(
    [
      { title: 'NAME' },
      { title: 'LABELS' },
      { title: 'SIZE', align: 'right' },
      { title: 'ID', keep: true },
      { title: 'WANTED BY' },
    ],
    packets.map(({ name, labels, size, id, reason }) => [
      strong(name),
      labelsText(labels),
      formatBytes(size),
      dim(shortId(id)),
      reason.neededBy ? `${reason.neededBy.join(' > ')} (${reason.spec})` : reason.spec,
    ]),
    'A device with these labels gets no packet.',
  );
  const shown: Lines[] =
    problems.length > 0
      ? [
          {
            kind: 'lines',
            wrap: true,
            lines: problems.map((problem): Text => [bad('! '), problemText(problem)]),
          },
        ]
      : [];
  const named = packages.length > 0 ? [packageRows(packages, '')] : [];
  return [rows, ...named, ...shown];
}
