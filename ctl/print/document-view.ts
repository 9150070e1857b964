import type { DocumentOf, Kind } from '../../proto/document.ts';
import type { RevisionView, ViewOf } from '../../proto/document-views.ts';
import type { PackageLine } from '../../proto/package-line.ts';
import { packageWish } from '../../proto/package-line.ts';
import { formatSelector, type Selector } from '../../proto/selector.ts';
import type { Spec } from '../../proto/spec.ts';
import { yamlText } from './format.ts';
import { appText } from './spec-view.ts';
import { accent, dim, strong, type Text } from './text.ts';
import { ageOf, shortTime } from './time.ts';
import { type Lines, type Table, table } from './view.ts';

/** Keys in the order in which people write them; others follow as they come. */
const ORDER: Record<Kind, readonly string[]> = {
  Spec: ['id', 'target', 'priority', 'apps', 'packages', 'updates', 'resolver', 'version'],
  Source: [
    ...['kind', 'id', 'type', 'url', 'rawUrl', 'suite', 'components', 'archs', 'target', 'magic'],
    ...['signedBy', 'trusted', 'recommended', 'essential', 'include', 'exclude', 'priority'],
  ],
};
const KNOWN = new Set(['kind', 'revision', 'updatedAt', 'author', 'message']);

/** The document alone, without what the server knows of it. A spec need not say its kind. */
export function writtenForm(kind: Kind, document: object): object {
  const rest = Object.entries(document).filter(([key]) => !KNOWN.has(key));
  const written = new Map<string, unknown>(kind === 'Source' ? [['kind', kind], ...rest] : rest);
  const keys = new Set([...ORDER[kind], ...written.keys()]);
  return Object.fromEntries(
    [...keys].filter((key) => written.has(key)).map((key) => [key, written.get(key)]),
  );
}

/** A document as YAML that can be applied again; what the server knows of it stands above as a comment. */
export function documentText(view: ViewOf[Kind]): Lines {
  const { revision, updatedAt, author, message } = view;
  const about = `# revision ${revision}, ${shortTime(updatedAt)} by ${author}${message ? `: ${message}` : ''}`;
  return yamlLines(writtenForm(view.kind, view), about);
}

/** YAML line by line, its keys set off. */
export function yamlLines(document: unknown, comment?: string): Lines {
  const lines = yamlText(document).trimEnd().split('\n').map(highlight);
  return { kind: 'lines', lines: comment === undefined ? lines : [dim(comment), ...lines] };
}

function highlight(line: string): Text {
  const [, before = '', key = '', rest = ''] =
    /^([ -]*)([^\s:#'"][^:]*)(:(?:\s.*)?)$/.exec(line) ?? [];
  return key === '' ? line : [before, accent(key), rest];
}

export function revisionTable(revisions: readonly RevisionView[], now: number): Table {
  return table(
    [
      { title: 'REVISION', align: 'right' },
      { title: 'GENERATION', align: 'right' },
      { title: 'AGE', align: 'right' },
      { title: 'BY' },
      { title: 'WHAT' },
      { title: 'MESSAGE' },
    ],
    revisions.map((view) => [
      strong(String(view.revision)),
      String(view.generation),
      ageOf(view.at, now),
      view.author,
      gistOf(view),
      view.message ?? '-',
    ]),
    'There are no revisions.',
  );
}

/** A document in a few words. */
function gistOf(view: RevisionView): string {
  if (view.document === null) return 'deleted';
  const gist = view.kind === 'Spec' ? wantedText(view.document) : addressText(view.document);
  return `${targetText(view.document.target)}: ${gist}`;
}

export const targetText = (target: Selector): string => formatSelector(target) || 'all devices';

function wantedText({ apps = [], packages = [] }: Spec): string {
  return [...apps.map(appText), ...packages.map(nameOf)].join(', ') || 'nothing';
}

const nameOf = (line: PackageLine): string => {
  const { name, version } = packageWish(line);
  return version === undefined ? name : `${name} ${version}`;
};

/** Where a source is: its address, suite and components. */
export function addressText({ url, rawUrl, suite, components = [] }: DocumentOf['Source']): string {
  return [url ?? rawUrl, suite, ...components].filter(Boolean).join(' ');
}
