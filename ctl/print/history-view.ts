import type { EventView, TokenView } from '../../proto/api.ts';
import type { GenerationView } from '../../proto/document-views.ts';
import { labelsText } from './packet-view.ts';
import { dim, strong, type Text } from './text.ts';
import { ageOf, shortTime, timeUntil } from './time.ts';
import { type Table, table } from './view.ts';

/** States of the whole configuration, newest first. */
export function generationTable(generations: readonly GenerationView[], now: number): Table {
  return table(
    [
      { title: 'GENERATION', align: 'right' },
      { title: 'AGE', align: 'right' },
      { title: 'BY' },
      { title: 'CHANGES' },
      { title: 'MESSAGE' },
    ],
    generations.map(({ generation, at, author, changes, message }) => [
      strong(String(generation)),
      ageOf(at, now),
      author,
      changes
        .map(
          ({ kind, id, change, revision }) =>
            `${kind === 'Spec' ? '' : 'source '}${id} ${change}${change === 'deleted' ? '' : ` (${revision})`}`,
        )
        .join(', ') || '-',
      message ?? '-',
    ]),
    'Nothing has been changed yet.',
  );
}

/** What happened, oldest first, as lines of a log. */
export function eventTable(events: readonly EventView[]): Table {
  return table(
    [
      { title: 'TIME' },
      { title: 'KIND' },
      { title: 'SUBJECT' },
      { title: 'BY' },
      { title: 'DETAIL' },
    ],
    events.map(({ at, kind, subject, actor, detail }) => [
      dim(shortTime(at)),
      kind,
      strong(subjectText(subject)),
      actor,
      detail ?? '',
    ]),
    'There are no such events.',
  );
}

/** One event as a line of a stream. */
export function eventLine({ at, kind, subject, actor, detail }: EventView): Text {
  return [
    dim(shortTime(at)),
    '  ',
    kind.padEnd(22),
    '  ',
    strong(subjectText(subject)),
    dim(`  ${actor}`),
    detail ? `  ${detail}` : '',
  ];
}

export function tokenTable(tokens: readonly TokenView[], now: number): Table {
  return table(
    [
      { title: 'ID', keep: true },
      { title: 'KIND' },
      { title: 'LABELS' },
      { title: 'USES LEFT', align: 'right' },
      { title: 'EXPIRES', align: 'right' },
      { title: 'AGE', align: 'right' },
      { title: 'DESCRIPTION' },
    ],
    tokens.map(({ id, kind, labels, usesLeft, expiresAt, createdAt, description }) => [
      strong(id),
      kind,
      labelsText(labels),
      usesLeft === null ? '∞' : String(usesLeft),
      timeUntil(expiresAt, now),
      ageOf(createdAt, now),
      description ?? '-',
    ]),
    'There are no tokens.',
  );
}

/** A packet's id is cut: the rest says nothing to a person. */
function subjectText(subject: string): string {
  return subject.startsWith('sha256:') ? subject.slice(0, 19) : subject;
}
