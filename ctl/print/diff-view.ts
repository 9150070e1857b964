import type { DocumentOf, Kind } from '../../proto/document.ts';
import { unifiedDiff } from '../core/unified-diff.ts';
import { writtenForm } from './document-view.ts';
import { yamlText } from './format.ts';
import { accent, bad, good, strong, type Text } from './text.ts';
import type { Lines } from './view.ts';

/** The unified diff of two states of a document as YAML. */
export function documentDiff<K extends Kind>(
  kind: K,
  id: string,
  before: DocumentOf[K] | null,
  after: DocumentOf[K] | null,
): Lines {
  const text = (document: DocumentOf[K] | null): string | null =>
    document === null ? null : yamlText(writtenForm(kind, document));
  const path = `${kind.toLowerCase()}/${id}`;
  return { kind: 'lines', lines: unifiedDiff(path, text(before), text(after)).map(toned) };
}

function toned(line: string): Text {
  if (line.startsWith('---') || line.startsWith('+++')) return strong(line);
  if (line.startsWith('@@')) return accent(line);
  if (line.startsWith('-')) return bad(line);
  return line.startsWith('+') ? good(line) : line;
}
