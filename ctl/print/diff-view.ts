import type { Spec } from '../../proto/spec.ts';
import { unifiedDiff } from '../core/unified-diff.ts';
import { yamlText } from './format.ts';
import { specDocument } from './spec-view.ts';
import { accent, bad, good, strong, type Text } from './text.ts';
import type { Lines } from './view.ts';

/** The unified diff of two states of a spec as YAML. */
export function specDiff(id: string, before: Spec | null, after: Spec | null): Lines {
  const text = (spec: Spec | null) => (spec === null ? null : yamlText(specDocument(spec)));
  return { kind: 'lines', lines: unifiedDiff(`spec/${id}`, text(before), text(after)).map(toned) };
}

function toned(line: string): Text {
  if (line.startsWith('---') || line.startsWith('+++')) return strong(line);
  if (line.startsWith('@@')) return accent(line);
  if (line.startsWith('-')) return bad(line);
  return line.startsWith('+') ? good(line) : line;
}
