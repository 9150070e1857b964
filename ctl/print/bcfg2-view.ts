import type { NeededLabel } from '../../proto/bcfg2/labels-needed.ts';
import { strong } from './text.ts';
import { type Table, table } from './view.ts';

/** The labels that devices need, with any value, to get what was imported. */
export function labelsNeededTable(labels: readonly NeededLabel[]): Table {
  return table(
    [{ title: 'LABEL', keep: true }, { title: 'ASKED FOR BY' }],
    labels.map(({ label, documents }) => [strong(label), documents.join(', ')]),
    '',
  );
}
