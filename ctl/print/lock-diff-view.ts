import type { SpecLockDiff, SpecLockDiffRow, SpecLockEntry } from '../../proto/package-views.ts';
import { packageChangeTexts } from './package-view.ts';
import { labelsText } from './packet-view.ts';
import { packetChangeTexts } from './spec-lock-view.ts';
import { dim, type Span, strong, type Text } from './text.ts';
import { ageOf } from './time.ts';
import { fields, lines, table, type View } from './view.ts';

/** What two locks of a spec differ in: for each kind of device, a line per packet and package. */
export function lockDiffView({ spec, from, to, rows }: SpecLockDiff, now: number): View {
  const head = fields([
    ['spec', strong(spec)],
    ['from', lockText(from, now)],
    ['to', lockText(to, now)],
  ]);
  if (rows.length === 0) return [head, lines('They choose the same.')];
  const changes = table(
    [
      { title: 'DEVICES', align: 'right' },
      { title: 'LABELS' },
      { title: 'ROW' },
      { title: 'KIND' },
      { title: 'CHANGE', keep: true },
    ],
    rows.flatMap((row) =>
      changesOf(row).map(([kind, text], index): Text[] =>
        index === 0
          ? [String(row.devices), labelsText(row.labels), row.change, kind, text]
          : ['', '', '', kind, text],
      ),
    ),
    '',
  );
  return [head, changes];
}

function changesOf({ packets, packages }: SpecLockDiffRow): [string, Span][] {
  const found = [
    ...packetChangeTexts(packets).map((text): [string, Span] => ['packet', text]),
    ...packageChangeTexts(packages).map((text): [string, Span] => ['package', text]),
  ];
  return found.length > 0 ? found : [['-', dim('other architectures only')]];
}

function lockText({ revision, cause, specRevision, at, author }: SpecLockEntry, now: number): Text {
  return `lock ${revision} (${cause}) of revision ${specRevision}, ${ageOf(at, now)} ago by ${author}`;
}
