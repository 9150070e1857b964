import type { SourceView } from '../../proto/document-views.ts';
import type { SecretView } from '../../proto/secret.ts';
import { addressText, targetText } from './document-view.ts';
import { strong } from './text.ts';
import { ageOf } from './time.ts';
import { type Table, table } from './view.ts';

export function sourceTable(sources: readonly SourceView[], now: number): Table {
  return table(
    [
      { title: 'ID', keep: true },
      { title: 'TYPE' },
      { title: 'ADDRESS' },
      { title: 'ARCHS' },
      { title: 'TARGET' },
      { title: 'PRIORITY', align: 'right', wide: true },
      { title: 'REVISION', align: 'right' },
      { title: 'CHANGED', align: 'right' },
      { title: 'BY', wide: true },
      { title: 'MESSAGE', wide: true },
    ],
    sources.map((source) => [
      strong(source.id),
      source.type,
      addressText(source),
      source.archs?.join(',') || 'any',
      targetText(source.target),
      String(source.priority ?? 500),
      String(source.revision),
      ageOf(source.updatedAt, now),
      source.author,
      source.message ?? '-',
    ]),
    'There are no sources. Write one and say: jamesd-ctl source apply -f FILE',
  );
}

export function secretTable(secrets: readonly SecretView[], now: number): Table {
  return table(
    [
      { title: 'NAME', keep: true },
      { title: 'CHANGED', align: 'right' },
    ],
    secrets.map(({ name, updatedAt }) => [strong(name), ageOf(updatedAt, now)]),
    'There are no secrets.',
  );
}
