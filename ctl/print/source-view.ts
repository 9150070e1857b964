import type { SourceFileView, SourceView } from '../../proto/document-views.ts';
import type { SecretView } from '../../proto/secret.ts';
import { addressText, targetText } from './document-view.ts';
import { bad, strong } from './text.ts';
import { ageOf } from './time.ts';
import { lines, type Table, table, type View } from './view.ts';

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

/** What is wrong with a file stands under the table in full. */
export function sourceFileTable(files: readonly SourceFileView[], now: number): View {
  const wrong = files.flatMap(({ error }) => (error ? [`! ${error.detail}`] : []));
  return [
    table(
      [{ title: 'FILE', keep: true }, { title: 'SOURCES', align: 'right' }, { title: 'READ' }],
      files.map(({ file, sources, readAt, error }) => [
        strong(file),
        String(sources.length),
        error ? bad(error.code) : readAt === null ? '-' : ageOf(readAt, now),
      ]),
      'The configuration of the server names no files of sources.',
    ),
    ...(wrong.length > 0 ? [{ ...lines(...wrong), wrap: true }] : []),
  ];
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
