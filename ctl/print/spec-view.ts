import type { MergedSpec } from '../../proto/api.ts';
import type { RevisionView, SpecView } from '../../proto/document-views.ts';
import { formatLabels } from '../../proto/labels.ts';
import { formatSelector, type Selector } from '../../proto/selector.ts';
import type { App, Spec } from '../../proto/spec.ts';
import { yamlText } from './format.ts';
import { accent, dim, strong, type Text } from './text.ts';
import { ageOf, shortTime } from './time.ts';
import { type Lines, type Table, table, type View } from './view.ts';

/** The document alone, without what the server knows of it, in the order in which people write it. */
export function specDocument({ id, target, priority, apps }: Spec): Spec {
  return {
    id,
    target,
    ...(priority !== undefined && { priority }),
    ...(apps !== undefined && { apps }),
  };
}

export const targetText = (target: Selector): string => formatSelector(target) || 'all devices';

/** `logger 1.0.0`, `shell >=2 <3`, `tool (ring=canary)`. */
export function appText({ name, labels = {}, version }: App): string {
  const { version: exact, ...others } = labels;
  const rest = formatLabels(others);
  return [name, exact ?? version, rest && `(${rest})`].filter(Boolean).join(' ');
}

export function specTable(specs: readonly SpecView[], now: number): Table {
  return table(
    [
      { title: 'ID', keep: true },
      { title: 'TARGET' },
      { title: 'APPS' },
      { title: 'PRIORITY', align: 'right' },
      { title: 'REVISION', align: 'right' },
      { title: 'CHANGED', align: 'right' },
      { title: 'BY', wide: true },
      { title: 'MESSAGE', wide: true },
    ],
    specs.map((spec) => [
      strong(spec.id),
      targetText(spec.target),
      (spec.apps ?? []).map(appText).join(', ') || '-',
      String(spec.priority ?? 0),
      String(spec.revision),
      ageOf(spec.updatedAt, now),
      spec.author,
      spec.message ?? '-',
    ]),
    'There are no specs. Write one and say: jamesd-ctl apply -f FILE',
  );
}

/** A spec as YAML that can be applied again; what the server knows of it stands above as a comment. */
export function specText(spec: SpecView): Lines {
  const about = `# revision ${spec.revision}, ${shortTime(spec.updatedAt)} by ${spec.author}${spec.message ? `: ${spec.message}` : ''}`;
  return documentLines(specDocument(spec), about);
}

/** YAML line by line, its keys set off. */
export function documentLines(document: unknown, comment?: string): Lines {
  const lines = yamlText(document).trimEnd().split('\n').map(highlight);
  return { kind: 'lines', lines: comment === undefined ? lines : [dim(comment), ...lines] };
}

function highlight(line: string): Text {
  const [, before = '', key = '', rest = ''] =
    /^([ -]*)([^\s:#'"][^:]*)(:(?:\s.*)?)$/.exec(line) ?? [];
  return key === '' ? line : [before, accent(key), rest];
}

export function revisionTable(revisions: readonly RevisionView<'Spec'>[], now: number): Table {
  return table(
    [
      { title: 'REVISION', align: 'right' },
      { title: 'GENERATION', align: 'right' },
      { title: 'AGE', align: 'right' },
      { title: 'BY' },
      { title: 'WHAT' },
      { title: 'MESSAGE' },
    ],
    revisions.map(({ revision, generation, at, author, message, document }) => [
      strong(String(revision)),
      String(generation),
      ageOf(at, now),
      author,
      document === null
        ? 'deleted'
        : `${targetText(document.target)}: ${(document.apps ?? []).map(appText).join(', ') || 'nothing'}`,
      message ?? '-',
    ]),
    'There are no revisions.',
  );
}

/** The specs that apply to a labelset, merged. */
export function mergedSpecView(spec: MergedSpec | null): View {
  const apps = spec?.apps ?? [];
  return table(
    [
      { title: 'APP' },
      { title: 'WANTED' },
      { title: 'SPEC' },
      { title: 'PRIORITY', align: 'right' },
    ],
    apps.map((app) => [
      strong(app.name),
      [app.version, app.labels && formatLabels(app.labels)].filter(Boolean).join(' ') || 'any',
      app.spec,
      String(app.priority),
    ]),
    spec === null ? 'No spec applies to these labels.' : 'The specs that apply want no apps.',
  );
}
